import io
import json
import os
import threading
import time

import httpx
import pytest

from turnscope.instrument import TelemetrySettings
from turnscope.ship import run_ship

pytestmark = pytest.mark.unit

SETTINGS = TelemetrySettings(pseudonym_key="key", environment="test")


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    for name in ("ENDPOINT", "LOGS_ENDPOINT", "HEADERS"):
        monkeypatch.delenv(f"OTEL_EXPORTER_OTLP_{name}", raising=False)


@pytest.fixture
def log(tmp_path):
    return tmp_path / "bot.log"


@pytest.fixture
def ship(collector, console, log, tmp_path):
    def ship(file=None, *, mapping=None, service=None, once=True, **more):
        return run_ship(
            collector,
            str(file or log),
            mapping,
            service,
            once,
            console,
            settings=more.pop("settings", SETTINGS),
            state_folder=tmp_path / "state",
            transport=collector.transport,
            **more,
        )

    return ship


def line(message, **more):
    return json.dumps({"ts": 1_767_268_800, "msg": message, **more}) + "\n"


def test_a_file_is_shipped_once_and_then_only_what_is_new(ship, collector, log, said):
    log.write_text(line("one") + line("two", session="s"))
    assert ship() == 0
    assert collector.bodies == ["one", "two"]
    assert collector.resources[0] == {"service.name": "bot", "deployment.environment.name": "test"}
    with log.open("a") as stream:
        stream.write(line("three"))
    assert ship() == 0
    assert collector.bodies == ["one", "two", "three"]
    assert "2 lines shipped" in said()
    assert "1 lines shipped" in said()


def test_lines_that_are_no_json_are_shipped_and_counted(ship, collector, log, said):
    log.write_text(line("one") + "Traceback (most recent call last):\n\n  File x\n")
    assert ship() == 0
    assert collector.bodies == ["one", "Traceback (most recent call last):", "  File x"]
    assert [record.get("parse_error") for record in collector.records] == [None, True, True]
    assert "3 lines shipped, 0 events, 2 not JSON" in said()


def test_an_unfinished_last_line_waits_for_its_end(ship, collector, log, said):
    log.write_text(line("one") + line("two")[:20])
    assert ship() == 0
    assert collector.bodies == ["one"]
    assert "The last line has no end and is no JSON yet" in said()
    log.write_text(line("one") + line("two"))
    assert ship() == 0
    assert collector.bodies == ["one", "two"]


def test_a_last_line_that_only_lacks_its_line_end_is_shipped(ship, collector, log):
    log.write_text(line("one") + line("two").rstrip())
    assert ship() == 0
    with log.open("a") as stream:
        stream.write("\n" + line("three"))
    assert ship() == 0
    assert collector.bodies == ["one", "two", "three"]


def test_a_crash_after_the_collector_accepted_sends_the_same_bytes_again(ship, collector, log):
    log.write_text(line("one") + "without a time\n" + '{"msg": "nor this"}\n')
    collector.loses_answers = 1
    collector.answers = []
    stop = threading.Event()

    class StopAtFirstPause:
        def is_set(self):
            return stop.is_set()

        def wait(self, seconds):
            stop.set()
            return True

    assert ship(stop=StopAtFirstPause()) == 0
    with log.open("a") as stream:
        stream.write(line("two"))
    time.sleep(0.002)
    assert ship() == 0
    assert len(collector.records) == 7
    assert len(collector.stored) == 4


def test_the_position_is_kept_only_once_the_collector_has_accepted(ship, collector, log, tmp_path):
    log.write_text(line("one"))
    collector.answers = [httpx.ConnectError("refused")] * 3
    assert ship(patience_seconds=0.0) == 1
    (state,) = (tmp_path / "state").glob("*.json")
    assert json.loads(state.read_text())["offset"] == 0
    collector.answers = []
    assert ship() == 0
    assert json.loads(state.read_text())["offset"] == log.stat().st_size


def test_giving_up_says_that_nothing_is_lost(ship, collector, log, said):
    log.write_text(line("one"))
    collector.answers = [httpx.ConnectError("refused")]
    assert ship(patience_seconds=0.0) == 1
    assert "is away" in said()
    assert "The rest is shipped when you run this again." in said()


def test_refused_records_give_exit_code_1(ship, collector, log):
    log.write_text(line("one") + line("spoilt"))
    collector.spoilt = {"spoilt"}
    assert ship() == 1
    assert collector.bodies == ["one"]


def test_following_goes_through_a_rotation_and_ends_when_asked(ship, collector, log):
    log.write_text(line("one"))
    stop = threading.Event()
    codes = []
    runner = threading.Thread(target=lambda: codes.append(ship(once=False, stop=stop)))
    runner.start()
    try:
        _until(lambda: collector.bodies == ["one"])
        log.rename(log.with_name("bot.log.1"))
        log.write_text(line("two"))
        _until(lambda: collector.bodies == ["one", "two"])
    finally:
        stop.set()
        runner.join(timeout=5)
    assert codes == [0]


def test_standard_input_is_shipped_to_its_end(ship, collector, monkeypatch):
    reader, writer = os.pipe()
    os.write(writer, (line("one") + line("two").rstrip()).encode())
    os.close(writer)
    with os.fdopen(reader) as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert ship("-", service="bot", once=False) == 0
    assert collector.bodies == ["one", "two"]
    assert {record["log.file.name"] for record in collector.records} == {"stdin"}


def test_a_mapping_names_service_and_fields(ship, collector, log, tmp_path):
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "service: shop\nfields: {session_id: conv.id, message: what}\nkeep: [region]\n"
    )
    log.write_text(line("x", conv={"id": 7}, what="hello", region="eu"))
    assert ship(mapping=mapping) == 0
    (record,) = collector.records
    assert collector.resources[0]["service.name"] == "shop"
    assert (record["session_id"], record["body"], record["region"]) == ("7", "hello", "eu")


def test_what_was_not_sent_is_named_at_the_end(ship, log, said):
    log.write_text(line("one", iban="x", shoe_size=43) + line("two", iban="y"))
    ship()
    assert "Not sent, as the mapping does not name them: iban, shoe_size" in said()


def test_lines_too_old_for_the_store_are_told(ship, log, said):
    log.write_text(line("old", ts=1_000_000_000))
    ship()
    assert "older than 14 days or in the future: Loki does not keep them" in said()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"file": "/nowhere/at/all.log"}, "There is no file /nowhere/at/all.log."),
        ({"file": "/tmp"}, "/tmp is a folder"),
        ({"settings": TelemetrySettings(pseudonym_key="")}, "TURNSCOPE_PSEUDONYM_KEY is not set"),
        ({"file": "-"}, "Name the bot: --service my-bot."),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(ship, log, said, change, told):
    log.write_text(line("one"))
    assert ship(**change) == 2
    assert told in said()
    assert said().count("\n") == 1


def test_a_second_follower_of_a_file_is_wrong_use(ship, collector, log, said):
    log.write_text(line("one"))
    stop = threading.Event()
    runner = threading.Thread(target=lambda: ship(once=False, stop=stop))
    runner.start()
    try:
        _until(lambda: collector.bodies == ["one"])
        assert ship() == 2
        assert "Another turnscope ship follows" in said()
    finally:
        stop.set()
        runner.join(timeout=5)


def _until(condition):
    deadline = time.monotonic() + 8
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_on_a_terminal_progress_is_one_line_that_is_renewed(collector, log, tmp_path):
    from rich.console import Console

    log.write_text(line("one"))
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    code = run_ship(
        collector, str(log), None, None, True, console,
        settings=SETTINGS, state_folder=tmp_path / "state", transport=collector.transport,
    )  # fmt: skip
    assert code == 0
    assert "1 lines shipped" in console.file.getvalue()
