"""PostgreSQL of one checkout: which server, which data folder, and the database in it."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import psycopg

from turnscope.deployment.database import apply_schema
from turnscope.native.account import find_account
from turnscope.native.checkout import Checkout
from turnscope.native.errors import NativeError
from turnscope.native.postgres import Server, find_server
from turnscope.native.postgres_cluster import Cluster
from turnscope.native.progress import Report
from turnscope.native.state import make_own


def find_cluster(checkout: Checkout, report: Report) -> Cluster:
    """The data folder of this checkout with the server and the account it runs as.

    Below the state folder, else where another user may go: in /var/tmp, which survives a reboot.
    """
    for parent, cache in (
        (checkout.state.path / "data", checkout.cache),
        (outside(checkout), outside(checkout) / "cache"),
    ):
        data = parent / "postgres"
        server = _server(checkout, cache, data, report)
        parent.mkdir(parents=True, exist_ok=True)
        make_own(parent, 0o755)  # another user has to pass through
        account = find_account(server.programs / "postgres", parent)
        if account is not None:
            return Cluster(server, account, data)
    raise NativeError(
        "PostgreSQL does not run as root, and no other user could be found that can reach its "
        "programs and data: run `make up` as an ordinary user",
        exit_code=2,
    )


def outside(checkout: Checkout) -> Path:
    """A folder outside the checkout, its own for each state folder."""
    digest = hashlib.sha256(str(checkout.state.path).encode()).hexdigest()[:16]
    return Path(f"/var/tmp/turnscope-{digest}")  # noqa: S108


def create_database(checkout: Checkout, report: Report) -> None:
    """The database `turnscope`, its schema and catalogue; changes nothing where all is there.

    Raises NativeError.
    """
    maintenance = checkout.database_url().removesuffix("/turnscope") + "/postgres"
    try:
        with psycopg.connect(maintenance, autocommit=True, connect_timeout=10) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'turnscope'")
            if found.fetchone() is None:
                connection.execute("CREATE DATABASE turnscope")
        apply_schema(
            checkout.database_url(),
            checkout.root,
            report,
            reader_password=checkout.secrets["GRAFANA_DB_PASSWORD"],
        )
    except (psycopg.Error, subprocess.CalledProcessError) as error:
        raise NativeError(f"the database's schema could not be applied: {error}") from error


def _server(checkout: Checkout, cache: Path, data: Path, report: Report) -> Server:
    try:
        major = int((data / "PG_VERSION").read_text())
    except (OSError, ValueError):
        major = None
    return find_server(checkout.root, cache, report, major=major)
