import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnscope.instrument.pseudonyms import Pseudonyms
from turnscope.ship.fitting import METADATA_BYTES
from turnscope.ship.lines import Line
from turnscope.ship.mapping import DEFAULT_FIELDS, Mapping
from turnscope.ship.otlp import encode
from turnscope.ship.records import RecordMaker

pytestmark = pytest.mark.unit

READ_NS = 1_767_268_800_000_000_000
USER = "u-" + "0" * 24


def record_of(said, /, *, texts=True, offset=0, **mapping):
    data = said if isinstance(said, bytes) else json.dumps(said).encode()
    maker = RecordMaker(
        "bot.log", "bot", Mapping.model_validate(mapping), Pseudonyms("key"), texts=texts
    )
    return maker.make(Line(offset, offset + len(data) + 1, data), READ_NS, 5)


def attributes_of(said, /, **more):
    return record_of(said, **more).attributes


def test_a_line_of_common_names_needs_no_mapping():
    record = record_of(
        {
            "ts": 1_767_268_700.5,
            "severity": "warning",
            "msg": "slow",
            "conversation_id": "c-1",
            "user": "Ann",
            "latency": "1.25s",
            "error": None,
            "traceId": "0af7651916cd43dd8448eb211c80319c",
            "spanId": "b7ad6b7169203331",
        }
    )
    assert record.timestamp_ns == 1_767_268_700_500_000_000
    assert (record.severity_text, record.severity.name) == ("WARNING", "WARN")
    assert record.body == "slow"
    assert record.attributes["session_id"] == "c-1"
    assert record.attributes["latency_ms"] == 1250.0
    assert record.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert record.span_id.hex() == "b7ad6b7169203331"
    assert "error_flag" not in record.attributes


def test_a_user_never_leaves_under_the_own_name():
    record = record_of({"user_id": "ann@example.org", "msg": "x"})
    assert record.attributes["user_id"] == Pseudonyms("key").of("ann@example.org")
    assert b"ann@" not in encode({}, [record])


def test_texts_are_redacted_wherever_they_stand():
    secret = "write to ann@example.org"
    record = record_of(
        {
            "msg": secret,
            "question": secret,
            "intent": secret,
            "session": "ann@example.org",
            "x": secret,
        },
        keep=["x"],
    )
    assert b"example.org" not in encode({}, [record])
    assert record.body == "write to [email]"


def test_sessions_named_after_something_private_stay_apart():
    one, same, other = (
        attributes_of({"session_id": name})["session_id"]
        for name in ("+49 170 1234567", "+49 170 1234567", "+49 170 7654321")
    )
    assert one == same != other
    assert "170" not in str(one)


def test_a_mapping_can_ask_for_a_pseudonym_of_the_session():
    attributes = attributes_of({"session_id": "491701234567"}, pseudonyms=["session_id"])
    assert str(attributes["session_id"]).startswith("s-")


def test_a_field_that_nobody_named_is_not_sent_but_named():
    record = record_of(
        {"msg": "x", "iban": "DE00", "conv": {"id": 3, "x": 4}}, fields={"session_id": "conv.id"}
    )
    assert record.unmapped == ("iban",)
    assert b"DE00" not in encode({}, [record])


def test_fields_are_found_by_path_and_the_first_that_is_there_wins():
    attributes = attributes_of(
        {"a": {"b": [{"c": "deep"}]}, "turn.id": "flat", "model": None, "llm": "tiny"},
        fields={"session_id": ["nope", "a.b.0.c"]},
    )
    assert attributes["session_id"] == "deep"
    assert attributes["turn_id"] == "flat"
    assert attributes["model_name"] == "tiny"


def test_what_is_kept_goes_along_as_text():
    attributes = attributes_of(
        {"region": "eu", "cart": {"total": 3}, "tags": [1, 2]},
        keep=["region", "cart.total", "tags", "none"],
    )
    assert (attributes["region"], attributes["cart.total"], attributes["tags"]) == (
        "eu",
        "3",
        "[1,2]",
    )
    assert "none" not in attributes


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        ("info", 9),
        ("Warn", 13),
        ("ERR", 17),
        ("critical", 21),
        (50, 17),
        (30, 9),
        ("loud", 0),
        (None, 0),
    ],
)
def test_levels_become_severities(level, severity):
    assert record_of({"level": level}).severity.value == severity


def test_levels_of_a_mapping_hold():
    assert record_of({"level": "Fehler"}, levels={"Fehler": "ERROR"}).severity.value == 17


@pytest.mark.parametrize(
    ("fields", "flag"),
    [
        ({"level": "error"}, True),
        ({"error": "time-out"}, True),
        ({"error": {"code": 3}}, True),
        ({"error": True}, True),
        ({"error": False}, None),
        ({"error": ""}, None),
        ({"error": "false"}, None),
        ({"error_flag": "no", "level": "error"}, False),
        ({"level": "info"}, None),
    ],
)
def test_an_error_raises_the_flag(fields, flag):
    assert attributes_of(fields).get("error_flag") is flag


def test_an_error_without_a_message_is_the_body():
    assert record_of({"error": "time-out"}).body == "time-out"
    assert record_of({"error": False}).body == ""


TURN = {"session_id": "s", "question": "Where is it?", "answer": "There.", "latency_ms": 5}


def test_a_line_with_question_and_answer_is_a_finished_turn():
    attributes = attributes_of(TURN, offset=40)
    assert attributes["event.name"] == "turn_finished"
    assert (attributes["user_query"], attributes["bot_response"]) == ("Where is it?", "There.")
    assert (attributes["outcome"], attributes["error_flag"]) == ("answered", False)
    assert attributes["turn_id"] == attributes_of(TURN, offset=40)["turn_id"]
    assert attributes["turn_id"] != attributes_of(TURN, offset=80)["turn_id"]


def test_a_turn_with_an_error_has_failed():
    attributes = attributes_of({**TURN, "error": "no model"})
    assert (attributes["outcome"], attributes["error_flag"]) == ("failed", True)


def test_events_are_recognised_by_the_rules_of_a_mapping():
    rules = {"session_ended": {"kind": "closed", "data.final": True}}
    line = {"kind": "closed", "data": {"final": True}, "session": "s"}
    assert record_of(line, events=rules).body == "session_ended"
    assert "event.name" not in attributes_of({**line, "kind": "opened"}, events=rules)


def test_an_event_may_be_named_in_the_line():
    assert attributes_of({"event": "feedback_given"})["event.name"] == "feedback_given"
    assert record_of({"event": "user logged in"}).body == "user logged in"


def test_texts_can_be_left_out_altogether():
    attributes = attributes_of(TURN, texts=False)
    assert attributes["event.name"] == "turn_finished"
    assert "user_query" not in attributes
    assert "bot_response" not in attributes


@pytest.mark.parametrize(
    "data", [b"plain text", b'{"cut', b"[1, 2]", b'"text"', b"\xff\xfe", b"[" * 100_000]
)
def test_a_line_that_is_no_json_object_is_shipped_as_text(data):
    record = record_of(data, offset=7)
    assert record.is_bad_line
    assert record.attributes["parse_error"] is True
    assert record.body == data.decode("utf-8", "replace")[:32_000]
    assert record.timestamp_ns == READ_NS + 5
    assert encode({}, [record])


def test_a_line_without_a_time_has_that_of_reading():
    record = record_of({"msg": "x"})
    assert (record.timestamp_ns, record.observed_ns) == (READ_NS + 5, READ_NS)


def test_equal_lines_at_different_places_stay_two():
    assert record_of({"msg": "x"}, offset=0) != record_of({"msg": "x"}, offset=10)


def test_a_record_fits_into_the_store():
    long = "\u6f22" * 30_000
    record = record_of({**TURN, "question": long, "answer": long, "msg": long, "a": long, "b": long,
                        "c": long, "d": long}, keep=["a", "b", "c", "d"])  # fmt: skip
    size = sum(len(name) + len(str(value).encode()) for name, value in record.attributes.items())
    assert size <= METADATA_BYTES + 100
    assert record.attributes["truncated"] is True
    assert "truncated" not in attributes_of(TURN)


def test_half_a_surrogate_pair_is_shipped():
    record = record_of(b'{"msg": "\\ud83d", "question": "\\ud83d", "user": "\\ud83d"}')
    assert encode({}, [record])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from([name.split(".")[0] for paths in DEFAULT_FIELDS.values() for name in paths])


# A busy machine is no failure.
@settings(deadline=None)
@given(st.dictionaries(NAMES, JSON, max_size=6))
def test_whatever_a_line_holds_it_becomes_the_same_bytes_twice(fields):
    data = json.dumps(fields).encode()
    first, second = (encode({"service.name": "bot"}, [record_of(data)]) for _ in range(2))
    assert first == second
