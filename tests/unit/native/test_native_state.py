import json
from pathlib import Path

import pytest

from turnscope.deployment.ports import Ports
from turnscope.native.settings import NativeSettings
from turnscope.native.state import (
    StateFolder,
    make_own,
    read_running,
    running_endpoints,
    state_folder,
    write_running,
)

pytestmark = pytest.mark.unit


def test_the_state_lies_in_the_checkout_unless_the_environment_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert state_folder(tmp_path).path == tmp_path / ".turnscope"
    monkeypatch.setenv("TURNSCOPE_STATE", str(tmp_path / "elsewhere"))
    assert state_folder(tmp_path).path == tmp_path / "elsewhere"


def test_a_control_socket_fits_into_an_address_however_long_the_path_is() -> None:
    assert StateFolder(Path("/short")).control_socket == Path("/short/supervisor.sock")
    deep = StateFolder(Path("/" + "very-long-folder-name/" * 10))
    # The supervisor binds the name with ".<pid>" behind it first.
    assert len(str(deep.control_socket) + ".4194304") < 108
    other = StateFolder(Path("/" + "very-long-folder-name/" * 11))
    assert deep.control_socket != other.control_socket


def test_the_length_of_a_socket_name_is_counted_in_bytes() -> None:
    folder = StateFolder(Path("/" + "ä" * 45))
    assert str(folder.control_socket).startswith("/tmp/turnscope-")


def test_others_may_not_look_into_secrets_and_conversations(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    state.make()
    assert state.programs.stat().st_mode & 0o077 == 0
    assert state.logs.stat().st_mode & 0o077 == 0


def test_a_folder_that_somebody_put_there_first_is_not_used(tmp_path: Path) -> None:
    make_own(tmp_path / "mine")
    make_own(tmp_path / "mine")
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    with pytest.raises(PermissionError, match="remove it"):
        make_own(tmp_path / "link")


def test_addresses_follow_what_was_started_and_not_the_environment_of_this_shell(
    tmp_path: Path,
) -> None:
    state = state_folder(tmp_path)
    state.make()
    ports = Ports(loki_port=13100)
    facts = {"ports": ports.model_dump(), "traces_kind": "tempo", "sampling_percent": 5.0}
    write_running(state, facts)
    endpoints = running_endpoints(tmp_path)
    assert endpoints.loki_url == "http://127.0.0.1:13100"
    assert (endpoints.traces_kind, endpoints.sampling_percent) == ("tempo", 5.0)


@pytest.mark.parametrize("text", ["", '{"mode": "nat', "[]"])
def test_a_damaged_running_file_reads_as_nothing_runs(tmp_path: Path, text: str) -> None:
    state = state_folder(tmp_path)
    state.make()
    state.running.write_text(text)
    assert read_running(state) == {}


def test_nothing_runs_where_nothing_was_started(tmp_path: Path) -> None:
    assert read_running(state_folder(tmp_path)) == {}
    assert running_endpoints(tmp_path).gateway_url == "http://127.0.0.1:8000"


def test_running_file_is_plain_json(tmp_path: Path) -> None:
    state = state_folder(tmp_path)
    state.make()
    write_running(state, {"mode": "native"})
    assert json.loads(state.running.read_text()) == {"mode": "native"}


def test_the_cache_is_shared_by_all_checkouts_of_a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert NativeSettings().cache == Path("/home/ada/.cache/turnscope")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert NativeSettings().cache == Path("/caches/turnscope")
    monkeypatch.setenv("TURNSCOPE_CACHE", "~/engines")
    assert NativeSettings().cache == Path("/home/ada/engines")
