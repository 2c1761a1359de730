import io
import platform
from pathlib import Path

import pytest
from rich.console import Console

from turnscope.native import lifecycle
from turnscope.native.errors import NativeError
from turnscope.native.logs import last_lines
from turnscope.native.probes import HttpProbe

pytestmark = pytest.mark.unit


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Console:
    monkeypatch.setenv("TURNSCOPE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("TURNSCOPE_SECRETS", str(tmp_path / "secrets"))
    return Console(file=io.StringIO(), width=200)


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_other_systems_are_sent_to_docker(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert lifecycle.up(tmp_path, console) == 2
    assert "start Docker: native mode needs Linux" in said(console)


def test_down_where_nothing_runs_is_fine(console: Console, tmp_path: Path) -> None:
    assert lifecycle.down(tmp_path, console) == 0
    assert "nothing was running" in said(console)
    assert not (tmp_path / "state").exists()


def test_status_where_nothing_runs_says_how_to_start(console: Console, tmp_path: Path) -> None:
    assert lifecycle.status(tmp_path, console) == 1
    assert "make up" in said(console)


def test_a_failure_is_one_message_and_an_exit_code(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise NativeError("loki does not answer: [port 3100] refused")

    monkeypatch.setattr(lifecycle, "start_all", fail)
    assert lifecycle.up(tmp_path, console) == 1
    assert "turnscope: loki does not answer: [port 3100] refused" in said(console)


def test_a_setting_out_of_bounds_is_named(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO_TRAFFIC", "some")
    assert lifecycle.up(tmp_path, console) == 2
    assert "turnscope: DEMO_TRAFFIC=some: Input should be 'on' or 'off'" in said(console)


def test_logs_of_an_unknown_part_name_those_there_are(console: Console, tmp_path: Path) -> None:
    logs = tmp_path / "state" / "logs"
    logs.mkdir(parents=True)
    (logs / "nlu.log").write_text("one\ntwo [bold]\n")
    assert lifecycle.logs(tmp_path, "gatway", False, console) == 2
    assert "nlu" in said(console)
    assert lifecycle.logs(tmp_path, "nlu", False, console) == 0
    assert "two [bold]" in said(console)


def test_reset_deletes_what_is_ours_and_nothing_else(console: Console, tmp_path: Path) -> None:
    state = tmp_path / "state"
    (state / "data" / "loki").mkdir(parents=True)
    (state / "letters").mkdir()
    assert lifecycle.reset(tmp_path, console) == 0
    assert not (state / "data").exists()
    assert (state / "letters").exists()


def test_the_last_lines_of_a_log(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_bytes(b"one\ntwo\n\xff three\n")
    assert last_lines(tmp_path / "x.log", 2) == ["two", "\ufffd three"]
    assert last_lines(tmp_path / "none.log", 2) == []


def test_a_part_that_is_not_there_is_missing_with_its_port() -> None:
    # Port 1 is tcpmux: nobody serves it.
    assert HttpProbe(1, "/").missing().startswith("port 1:")
