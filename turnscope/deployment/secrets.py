"""Generated secrets: made at the first start, readable by their owner alone, never committed."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

NAMES = (
    "POSTGRES_PASSWORD",
    "GRAFANA_PASSWORD",
    "GRAFANA_DB_PASSWORD",
    "GATEWAY_API_KEY",
    "GATEWAY_LOAD_KEY",
    "TURNSCOPE_PSEUDONYM_KEY",
)
_HEAD = (
    "# Generated at the first start. Keep it private; `make password` prints what a person needs.\n"
)


class SecretsError(Exception):
    """The secrets file cannot be used; the message says what to do."""


def secrets_path(root: Path) -> Path:
    """`.secrets.env` of the checkout, or the file that TURNSCOPE_SECRETS names."""
    return Path(os.environ.get("TURNSCOPE_SECRETS") or root / ".secrets.env")


def read_secrets(root: Path) -> dict[str, str]:
    """The secrets there are; empty before the first start."""
    path = secrets_path(root)
    if not path.exists():
        return {}
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SecretsError(f"{path} can be read by others: run `chmod 600 {path}`")
    pairs = (
        line.split("=", 1) for line in path.read_text().splitlines() if line[:1] not in ("", "#")
    )
    return {name.strip(): value.strip() for name, value in pairs}


def load_secrets(root: Path) -> dict[str, str]:
    """All secrets; those that are missing are generated and written, mode 0600."""
    known = read_secrets(root)
    missing = [name for name in NAMES if not known.get(name)]
    if missing:
        known.update({name: secrets.token_urlsafe(32) for name in missing})
        _write(secrets_path(root), known)
    return known


def _write(path: Path, values: dict[str, str]) -> None:
    text = _HEAD + "".join(f"{name}={value}\n" for name, value in values.items())
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    beside.replace(path)
