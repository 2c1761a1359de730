"""The state folder of one checkout: where everything lies, and what runs."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from turnscope.deployment.endpoints import Endpoints, local_endpoints
from turnscope.deployment.ports import Ports
from turnscope.deployment.secrets import read_secrets

# AF_UNIX takes 107 bytes; supervisor first binds a name with a process id behind it.
_LONGEST_SOCKET = 95


@dataclass(frozen=True)
class StateFolder:
    """Paths below `.turnscope` (or $TURNSCOPE_STATE)."""

    path: Path

    @property
    def logs(self) -> Path:
        """One log a program, rotated."""
        return self.path / "logs"

    @property
    def configs(self) -> Path:
        """What engines read that differs from what the checkout holds."""
        return self.path / "config"

    @property
    def programs(self) -> Path:
        """One file a program: command and environment, secrets included (mode 0600)."""
        return self.path / "programs"

    @property
    def supervisor_config(self) -> Path:
        return self.path / "supervisord.conf"

    @property
    def running(self) -> Path:
        """What `up` started; gone after `down`."""
        return self.path / "running.json"

    @property
    def mode(self) -> Path:
        """The mode started last, for the scripts."""
        return self.path / "mode"

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    def data(self, program: str) -> Path:
        """What `program` stores."""
        return self.path / "data" / program

    @property
    def control_socket(self) -> Path:
        """The supervisor's; in /tmp where the state folder's path is too long for a socket."""
        inside = self.path / "supervisor.sock"
        if len(os.fsencode(inside)) <= _LONGEST_SOCKET:
            return inside
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        return Path(f"/tmp/turnscope-{os.geteuid()}-{digest}/supervisor.sock")  # noqa: S108

    def make(self) -> None:
        """Create the folders; nobody else may look into conversations and secrets."""
        for folder in (self.path, self.configs, self.path / "data"):
            folder.mkdir(parents=True, exist_ok=True)
        for private in (self.logs, self.programs):
            private.mkdir(exist_ok=True, mode=0o700)
        make_own(self.control_socket.parent)


def make_own(folder: Path, mode: int = 0o700) -> None:
    """Make a folder below one that others can write to. PermissionError where it is not ours."""
    folder.mkdir(exist_ok=True, mode=mode)
    found = folder.lstat()
    if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
        raise PermissionError(f"{folder} is not a folder of this user's: remove it")


def state_folder(root: Path) -> StateFolder:
    """The state folder of the checkout at `root`."""
    return StateFolder(Path(os.environ.get("TURNSCOPE_STATE") or root / ".turnscope").absolute())


def write_running(state: StateFolder, facts: dict[str, Any]) -> None:
    """Replace running.json as a whole: readers never see half of it."""
    beside = state.running.with_suffix(".new")
    beside.write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n")
    beside.replace(state.running)


def read_running(state: StateFolder) -> dict[str, Any]:
    """What `up` wrote; empty where nothing was started."""
    try:
        facts = json.loads(state.running.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return facts if isinstance(facts, dict) else {}


def running_endpoints(root: Path) -> Endpoints:
    """Addresses of what runs; of what `up` would start where nothing does."""
    facts = read_running(state_folder(root))
    ports = Ports(**facts.get("ports", {}))
    endpoints = local_endpoints(
        ports, read_secrets(root), traces_kind=facts.get("traces_kind", "jaeger")
    )
    known = {
        name: facts[name]
        for name in ("grafana_url", "sampling_percent")
        if facts.get(name) is not None
    }
    return endpoints.model_copy(update=known)
