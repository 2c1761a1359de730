"""Everything native mode needs to know about one checkout, read once."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from turnscope.deployment.ports import Ports
from turnscope.deployment.secrets import load_secrets
from turnscope.native.settings import NativeSettings
from turnscope.native.state import StateFolder, state_folder


@dataclass(frozen=True)
class Checkout:
    """A checkout, its state folder and how it is configured."""

    root: Path
    state: StateFolder
    settings: NativeSettings
    ports: Ports
    secrets: Mapping[str, str]

    @property
    def cache(self) -> Path:
        return self.settings.cache

    @property
    def tempo(self) -> Path | None:
        """A Tempo of the machine's; it wins over Jaeger."""
        found = shutil.which("tempo")
        return Path(found).absolute() if found else None

    @property
    def traces_kind(self) -> str:
        """ "tempo" or "jaeger"."""
        return "tempo" if self.tempo else "jaeger"

    def database_url(self, driver: str = "") -> str:
        """Of the owner of everything; `driver` such as "+psycopg" for SQLAlchemy."""
        password, port = self.secrets["POSTGRES_PASSWORD"], self.ports.postgres_port
        return f"postgresql{driver}://turnscope:{password}@127.0.0.1:{port}/turnscope"

    def local(self, port: int) -> str:
        """Base address of a part that speaks HTTP."""
        return f"http://127.0.0.1:{port}"


def open_checkout(root: Path) -> Checkout:
    """Read environment and secrets; generates the secrets that are missing."""
    root = root.absolute()
    return Checkout(root, state_folder(root), NativeSettings(), Ports(), load_secrets(root))
