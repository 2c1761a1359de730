import gzip
import json

import httpx
import pytest

from turnscope.load.replay import run_replay
from turnscope.load.transcripts import read_transcript
from turnscope.stores.http import StoreUnreachableError
from turnscope.stores.loki import LogLine

pytestmark = pytest.mark.unit

TURNS = [
    {"session_id": "a", "turn": 0, "speaker": "system", "text": "Welcome."},
    {"session_id": "a", "turn": 1, "speaker": "user", "text": "Hello", "ts": 1589375697, "mood": 3},
    {"session_id": "b", "turn": 0, "speaker": "user", "text": "Another one"},
    {"session_id": "a", "turn": 2, "speaker": "system", "text": "Yes?"},
    {"session_id": "a", "turn": 3, "speaker": "user", "text": "Where is it?"},
]


class Stores:
    """Holds every turn the gateway answered, after `late` questions; `missing` of each are lost."""

    def __init__(self, gateway, late=0, missing_events=0, missing_traces=0, doubled=0):
        self.gateway = gateway
        self.logs = self.traces = self
        self.late = late
        self.missing_events, self.missing_traces = missing_events, missing_traces
        self.doubled = doubled
        self.queries = []

    def lines(self, query, start_ns, end_ns):
        assert start_ns < end_ns
        self.queries.append(query)
        if len(self.queries) <= self.late:
            return iter(())
        turns = self.gateway.turns[self.missing_events :]
        turns = turns + turns[: self.doubled]
        return iter(LogLine(1, "turn_finished", {"turn_id": turn["turn_id"]}) for turn in turns)

    def get(self, trace_id):
        return object() if int(trace_id, 16) > self.missing_traces else None


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "turns.jsonl"
    path.write_text("".join(json.dumps(turn) + "\n" for turn in TURNS))
    return path


def replay(gateway, console, file, session="a", stores=None, **more):
    return run_replay(
        gateway,
        "key",
        file,
        session,
        stores or Stores(gateway),
        console,
        wait_seconds=0.0,
        transport=gateway.transport,
        sleep=lambda seconds: None,
        **more,
    )


def test_the_user_turns_go_out_in_order_as_one_session_with_their_source(gateway, console, file):
    assert replay(gateway, console, file) == 0
    assert [turn["message"] for turn in gateway.turns] == ["Hello", "Where is it?"]
    assert [turn.get("session_id") for turn in gateway.turns] == [None, "session-1"]
    assert {turn["source_id"] for turn in gateway.turns} == {"a"}
    assert {turn["model"] for turn in gateway.turns} == {"scripted"}
    assert gateway.ended == ["session-1"]


def test_the_four_figures_are_printed(gateway, console, file, said):
    replay(gateway, console, file)
    for line in (
        "user turns sent  2",
        "turns answered   2",
        "events           2",
        "traces           2",
    ):
        assert line in said().splitlines()


def test_events_are_asked_for_by_name_and_by_the_session_of_the_gateway(gateway, console, file):
    stores = Stores(gateway)
    replay(gateway, console, file, stores=stores)
    assert 'event_name="turn_finished"' in stores.queries[0]
    assert 'session_id="session-1"' in stores.queries[0]


def test_replay_waits_until_late_events_are_there(gateway, console, file):
    stores = Stores(gateway, late=3)
    code = run_replay(
        gateway, "key", file, "a", stores, console,
        wait_seconds=5.0, transport=gateway.transport, sleep=lambda seconds: None,
    )  # fmt: skip
    assert code == 0
    assert len(stores.queries) == 4


@pytest.mark.parametrize(
    ("lost", "named"),
    [
        ({"missing_events": 1}, "no event"),
        ({"missing_traces": 1}, f"no trace {1:032x}"),
        ({"doubled": 1}, "events           3"),
    ],
)
def test_figures_that_differ_give_exit_code_1_and_name_the_turn(
    gateway, console, file, lost, named, said
):
    assert replay(gateway, console, file, stores=Stores(gateway, **lost)) == 1
    assert named in said()
    assert "The figures differ." in said()


def test_a_store_that_is_away_is_told(gateway, console, file, said):
    stores = Stores(gateway)

    def away(*_):
        raise StoreUnreachableError("Loki does not answer at http://127.0.0.1:3100.")

    stores.lines = away
    assert replay(gateway, console, file, stores=stores) == 1
    assert "Loki does not answer at http://127.0.0.1:3100." in said()


def test_a_call_that_broke_is_repeated_with_the_same_turn_id(gateway, console, file):
    seen = []
    handle = gateway._handle

    def break_first(request):
        if request.url.path == "/v1/chat":
            seen.append(json.loads(request.content)["turn_id"])
            if len(seen) == 1:
                raise httpx.ReadError("broken")
        return handle(request)

    gateway._handle = break_first
    assert replay(gateway, console, file) == 0
    assert seen[0] == seen[1] != seen[2]


def test_a_refused_turn_is_told_and_the_rest_is_sent(gateway, console, file, said):
    refusal = {"error": {"reason": "invalid_request", "message": "Not this."}}
    gateway.refusals.append(httpx.Response(422, json=refusal))
    assert replay(gateway, console, file) == 1
    assert "Turn 1 got no answer." in said()
    assert [turn["message"] for turn in gateway.turns] == ["Where is it?"]


def test_a_gateway_that_stays_away_is_told_once(gateway, console, file, said):
    gateway.refusals.extend(httpx.ConnectError("refused") for _ in range(50))
    assert replay(gateway, console, file) == 1
    assert said().count("No gateway answers") == 1


def test_a_failed_turn_is_sent_but_not_answered(gateway, console, file, said):
    gateway.changes = {"turn_outcome": "failed"}
    assert replay(gateway, console, file) == 1
    assert "turns answered   0" in said()


def test_nothing_is_sent_after_the_assistant_ended_the_session(gateway, console, file, said):
    gateway.changes = {"outcome": "handed_off"}
    assert replay(gateway, console, file) == 0
    assert len(gateway.turns) == 1
    assert gateway.ended == []
    assert "The assistant ended the session (handed_off)" in said()
    assert "1 user turns were not sent" in said()


def test_the_source_is_told_in_letters_that_the_gateway_takes(gateway, console, tmp_path):
    file = tmp_path / "turns.jsonl"
    turn = {
        "session_id": "chat #1, \u00e4 " + "x" * 200,
        "turn": 1,
        "speaker": "user",
        "text": "Hi",
    }
    file.write_text(json.dumps(turn))
    assert replay(gateway, console, file, session=None) == 0
    assert gateway.turns[0]["source_id"] == ("chat__1____" + "x" * 200)[:128]


def test_long_and_empty_texts_are_named(gateway, console, tmp_path, said):
    texts = ["x" * 2001, "   ", "fine"]
    file = tmp_path / "turns.jsonl"
    file.write_text(
        "\n".join(
            json.dumps({"session_id": "a", "turn": n, "speaker": "user", "text": text})
            for n, text in enumerate(texts, 1)
        )
    )
    assert replay(gateway, console, file) == 0
    assert [len(turn["message"]) for turn in gateway.turns] == [2000, 4]
    assert "Turn 1 (line 1) has 2,001 characters; the first 2,000 are sent" in said()
    assert "Turn 2 (line 2) has no text and is not sent." in said()


def test_bad_lines_are_named_with_their_number_and_passed_over(gateway, console, file, said):
    good = file.read_text()
    file.write_text(
        '{"session_id": "a"\n[1]\n{"turn": 1}\n\n'
        '{"session_id": "a", "turn": "x", "speaker": "user", "text": ""}\n'
        '{"session_id": "a", "turn": 9, "speaker": "bot", "text": ""}\n'
        '{"session_id": "a", "turn": 9, "speaker": "user", "text": null}\n' + good + good[:200]
    )
    assert replay(gateway, console, file) == 0
    for line in (
        "line 1: not JSON",
        "line 2: not a JSON object",
        "line 3: no session_id",
        "line 5: turn is not a whole number",
        "line 6: speaker is 'bot', user or system is expected",
        "line 7: text is not a string",
        "line 13: turn 0 stands on line 8 already",
    ):
        assert line in said().splitlines()
    assert len(gateway.turns) == 2


def test_turns_are_ordered_by_their_number(tmp_path):
    file = tmp_path / "turns.jsonl"
    file.write_text("".join(json.dumps(turn) + "\n" for turn in reversed(TURNS)))
    assert [turn.number for turn in read_transcript(file, "a").turns] == [0, 1, 2, 3]


def test_a_packed_file_is_read_whatever_its_name(gateway, console, file):
    file.write_bytes(gzip.compress(file.read_bytes()))
    assert replay(gateway, console, file) == 0


def test_one_session_alone_needs_no_name(gateway, console, tmp_path):
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps(TURNS[1]))
    assert replay(gateway, console, file, session=None) == 0


@pytest.mark.parametrize(
    ("session", "sentence"),
    [
        (None, "holds several sessions, name one: a, b."),
        ("c", "has no session c; it has a, b."),
    ],
)
def test_a_session_that_is_not_there_is_told_with_some_that_are(
    gateway, console, file, session, sentence, said
):
    assert replay(gateway, console, file, session=session) == 2
    assert sentence in said()
    assert gateway.turns == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "There is no file"),
        (b"", "holds no turn: docs/session-format.md"),
        (gzip.compress(b"x" * 5000)[:-9], "is a damaged gzip file"),
        (
            b'{"session_id": "a", "turn": 1, "speaker": "system", "text": "Welcome."}',
            "Session a has no user turn with text: nothing to send.",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(
    gateway, console, tmp_path, content, sentence, said
):
    file = tmp_path / "turns.jsonl"
    if content is not None:
        file.write_bytes(content)
    assert replay(gateway, console, file, session="a") == 2
    assert sentence in said()


def test_a_folder_is_no_file(gateway, console, tmp_path, said):
    assert replay(gateway, console, tmp_path) == 2
    assert "is a folder" in said()
