"""One program of native mode, and what a start of it depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from turnscope.native.probes import NoProbe, Probe


class Stage(IntEnum):
    """Start goes up, stop goes down: what is still to be delivered finds the next one running."""

    STORE = 0
    PIPELINE = 1
    SERVICE = 2
    TRAFFIC = 3


@dataclass(frozen=True)
class Program:
    """A process under the supervisor."""

    name: str
    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    probe: Probe = field(default_factory=NoProbe)
    stage: Stage = Stage.STORE
    stop_signal: str = "TERM"
    stop_wait_s: int = 15
    reads: tuple[Path, ...] = ()
    """Files and folders whose change means that a running one is out of date."""

    def launch_file(self) -> str:
        """What launch.py reads."""
        environment = {**self.environment, "TURNSCOPE_NAME": self.name}
        facts = {
            "command": list(self.command),
            "environment": dict(sorted(environment.items())),
            "folder": str(self.folder),
        }
        return json.dumps(facts, indent=1) + "\n"

    def fingerprint(self) -> str:
        """Changes with the command, the environment and the content of what it reads."""
        digest = hashlib.sha256(self.launch_file().encode())
        for top in self.reads:
            for path in sorted(_files(top)):
                digest.update(f"\0{path}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()[:16]


def _files(top: Path) -> list[Path]:
    if top.is_file():
        return [top]
    return [path for path in top.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
