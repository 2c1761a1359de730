from typing import Any

import pytest
from answers import URL, Answers

from turnscope.stores import StoreRefusedError
from turnscope.stores.tempo import Tempo, traceql

pytestmark = pytest.mark.unit

TRACE = "0" * 3 + "aa5a2d2c872e8321cf37308d69df2"
OUTCOME = "conversation.turn.outcome"
S = 10**9


def text(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "value": {"stringValue": value}}


def found_trace(start_ns: int, matched: int = 1) -> dict[str, Any]:
    span = {
        "spanID": "563d623c76514f8e",
        "name": "POST /v1/chat",
        "startTimeUnixNano": str(start_ns),
        "durationNanos": "250",
        "attributes": [text("service.name", "gateway"), text(OUTCOME, "answered")],
    }
    return {"traceID": TRACE.lstrip("0"), "spanSets": [{"spans": [span], "matched": matched}]}


def tempo(answer: Any, now: float = 1000.0) -> tuple[Tempo, Answers]:
    answers = Answers(lambda path, params: answer)
    return Tempo(URL, answers.transport, now=lambda: now), answers


def test_an_empty_trace_is_none() -> None:
    store, answers = tempo({"trace": {}, "message": ""})
    assert store.get(TRACE.lstrip("0")) is None
    assert answers.asked == [(f"/api/v2/traces/{TRACE}", {})]


def test_a_search_pads_the_ids_and_keeps_to_the_window() -> None:
    store, answers = tempo({"traces": [found_trace(10 * S + 5), found_trace(10 * S + 900)]})
    (found,) = store.search(10 * S, 10 * S + 100, {OUTCOME: ["answered"]})
    assert (found.trace_id, found.service) == (TRACE, "gateway")
    assert (found.start_ns, found.end_ns) == (10 * S + 5, 10 * S + 255)
    assert (answers.asked[0][1]["start"], answers.asked[0][1]["end"]) == ("10", "11")


def test_a_window_that_tempo_hides_is_not_asked_for() -> None:
    store, answers = tempo({}, now=1000.0)
    assert list(store.search(970 * S, 999 * S, {OUTCOME: ["answered"]})) == []
    assert answers.asked == []
    assert list(store.search(968 * S, 999 * S, {OUTCOME: ["answered"]})) == []
    assert len(answers.asked) == 1


def test_spans_that_tempo_keeps_back_are_an_error_not_a_loss() -> None:
    store, _ = tempo({"traces": [found_trace(10 * S, matched=150)]})
    with pytest.raises(StoreRefusedError, match="matched 150 spans"):
        list(store.search(10 * S, 11 * S, {OUTCOME: ["answered"]}))


def test_a_query_escapes_values_and_leaves_booleans_bare() -> None:
    query = traceql({"a.b": ["x", 'y"}'], "c": [True, 7]}, "gateway", ["d"])
    assert query == (
        '{ (span."a.b" = "x" || span."a.b" = "y\\"}") && (span."c" = true || span."c" = 7) '
        '&& resource.service.name = "gateway" } '
        '| select(resource.service.name, name, span."d")'
    )
