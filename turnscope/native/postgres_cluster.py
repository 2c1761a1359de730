"""A PostgreSQL data folder: made, kept in step with the generated password, started."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from turnscope.native.account import Account
from turnscope.native.errors import NativeError
from turnscope.native.postgres import Server

OWNER = "turnscope"
_LAST_LINES = 10


@dataclass(frozen=True)
class Cluster:
    """One data folder, the server that reads it and the account that both run as."""

    server: Server
    account: Account
    data: Path

    def command(self, port: int) -> list[str]:
        """For the supervisor: serves 127.0.0.1:`port` and no socket."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            # A socket in /tmp would collide with another checkout's, one in here exceed 107 bytes.
            "unix_socket_directories": "",
            # To the supervisor, which rotates.
            "logging_collector": "off",
            "log_destination": "stderr",
        }
        words = [f"-c{name}={value}" for name, value in settings.items()]
        program = str(self.server.programs / "postgres")
        return [*self.account.prefix, program, "-D", str(self.data), *words]

    def prepare(self, password: str) -> None:
        """Make the folder where there is none; set its password. Not while it runs."""
        if not (self.data / "PG_VERSION").exists():
            self._initialise(password)
        elif self._mark.exists() and self._mark.read_text() == _fingerprint(password):
            return
        else:
            self._set_password(password)
        self._mark.write_text(_fingerprint(password))
        self._mark.chmod(0o600)

    def clear_stale_lock(self) -> None:
        """Remove postmaster.pid where its number is a stranger's by now, as after a reboot.

        PostgreSQL would take any process of its user for itself and refuse to start.
        """
        lock = self.data / "postmaster.pid"
        try:
            number = int(lock.read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return
        # The server works in its data folder; where a process may not be looked at, it is not ours.
        try:
            ours = Path(f"/proc/{number}/cwd").readlink() == self.data.resolve()
        except OSError:
            ours = False
        if not ours:
            lock.unlink()

    @property
    def _mark(self) -> Path:
        return self.data.with_name(f"{self.data.name}.password")

    def _initialise(self, password: str) -> None:
        # Beside, then renamed: a killed initdb must not pass for a data folder.
        beside = self.data.with_name(f".{self.data.name}.new")
        shutil.rmtree(beside, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        beside.mkdir(parents=True, mode=0o700)
        os.chown(beside, self.account.uid, self.account.gid)
        with self._password_file(password) as file:
            command = [str(self.server.programs / "initdb"), f"--pgdata={beside}"]
            command += [f"--username={OWNER}", f"--pwfile={file}", "--auth=scram-sha-256"]
            command += ["--encoding=UTF8", "--locale=C.UTF-8"]
            self._run(command)
        beside.rename(self.data)

    def _set_password(self, password: str) -> None:
        """In single-user mode, which asks for none: the data outlived the secrets file."""
        program = str(self.server.programs / "postgres")
        literal = password.replace("'", "''")
        self._run(
            [program, "--single", "-D", str(self.data), "postgres"],
            f"ALTER ROLE {OWNER} PASSWORD '{literal}'\n",
        )

    def _run(self, command: list[str], text: str | None = None) -> None:
        done = subprocess.run(  # noqa: S603
            [*self.account.prefix, *command],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
        )
        if done.returncode:
            last = "\n".join((done.stdout + done.stderr).splitlines()[-_LAST_LINES:])
            raise NativeError(f"{Path(command[0]).name} failed for {self.data}:\n{last}")

    @contextmanager
    def _password_file(self, password: str) -> Iterator[str]:
        """initdb takes it from a file alone; only its user may read it."""
        with tempfile.NamedTemporaryFile("w", dir=self.data.parent) as file:
            file.write(password)
            file.flush()
            os.chown(file.name, self.account.uid, self.account.gid)
            yield file.name


def _fingerprint(password: str) -> str:
    """Enough to see that it changed; the password is 256 random bits."""
    return hashlib.sha256(password.encode()).hexdigest()
