"""Brings the database to the schema of this checkout: `python -m turnscope.deployment.database`.

The files in postgres/ are idempotent and run in the order of their names, each in one transaction;
after them the intent catalogue is loaded.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql

Report = Callable[[str], None]

# Any constant: two starts at once take turns.
_LOCK = 0x7475726E


def apply_schema(
    dsn: str, root: Path, report: Report, *, reader_password: str | None = None
) -> None:
    """Run postgres/*.sql against `dsn` (a libpq URI) and load the catalogue.

    `reader_password` is given to the read-only role that Grafana signs in with. Raises
    psycopg.Error where the database refuses.
    """
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        for path in sorted((root / "postgres").glob("*.sql")):
            report(f"database: {path.name}")
            connection.execute(path.read_bytes())
        if reader_password:
            statement = sql.SQL("ALTER ROLE grafana_reader WITH LOGIN PASSWORD {}")
            connection.execute(statement.format(sql.Literal(reader_password)))
    report("database: intent catalogue")
    _load_catalogue(dsn, root)


def _load_catalogue(dsn: str, root: Path) -> None:
    """The catalogue belongs to the NLU service, so its own loader runs, in its own process."""
    environment = {
        **os.environ,
        "NLU_DATABASE_URL": dsn.replace("postgresql://", "postgresql+psycopg://", 1),
    }
    command = [sys.executable, "-m", "demo_services.nlu.load_catalogue"]
    subprocess.run(command, cwd=root, env=environment, check=True)  # noqa: S603


def main() -> None:
    """Apply the schema to DATABASE_URL; for the one-shot container of Compose mode."""
    apply_schema(
        os.environ["DATABASE_URL"],
        Path(os.environ.get("TURNSCOPE_ROOT", Path.cwd())),
        lambda line: print(line, flush=True),
        reader_password=os.environ.get("GRAFANA_DB_PASSWORD"),
    )


if __name__ == "__main__":
    main()
