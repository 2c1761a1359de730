import json
from typing import Any

import httpx
import pytest
from answers import URL, Answers

from turnscope.stores.jaeger import Jaeger

pytestmark = pytest.mark.unit

TRACE = "5b8aa5a2d2c872e8321cf37308d69df2"
OUTCOME = "conversation.turn.outcome"


def jaeger_trace(trace_id: str, start_us: int, *spans: tuple[str, dict[str, Any]]) -> Any:
    services = sorted({service for service, _ in spans})
    return {
        "traceID": trace_id,
        "processes": {f"p{n}": {"serviceName": name} for n, name in enumerate(services)},
        "spans": [
            {
                "traceID": trace_id,
                "spanID": f"{place + 1:016x}",
                "operationName": "POST /v1/chat",
                "startTime": start_us,
                "duration": 250,
                "processID": f"p{services.index(service)}",
                "tags": [{"key": key, "value": value} for key, value in tags.items()],
            }
            for place, (service, tags) in enumerate(spans)
        ],
    }


def test_a_trace_by_id_leaves_out_spans_of_others_that_share_its_resource() -> None:
    def span(trace_id: str) -> dict[str, Any]:
        times = {"startTimeUnixNano": "1", "endTimeUnixNano": "2"}
        return {"traceId": trace_id, "spanId": "051581bf3cb55c13", **times}

    spans = [span(TRACE), span("f" * 32)]
    answers = Answers(
        lambda path, params: {"result": {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}}
    )
    trace = Jaeger(URL, answers.transport).get(TRACE.upper())
    assert trace is not None
    assert [each.trace_id for each in trace.spans] == [TRACE]
    assert answers.asked == [(f"/api/v3/traces/{TRACE}", {})]


def test_no_trace_is_none() -> None:
    answers = Answers(lambda path, params: httpx.Response(404, json={"error": {"httpCode": 404}}))
    assert Jaeger(URL, answers.transport).get(TRACE) is None


def test_a_search_asks_every_service_and_value_and_gives_matching_spans_only() -> None:
    def answer(path: str, params: dict[str, str]) -> Any:
        if path == "/api/services":
            return {"data": ["nlu", "gateway"]}
        wanted = json.loads(params["tags"])[OUTCOME]
        if params["service"] != "gateway" or wanted != "failed":
            return {"data": []}
        turn = ("gateway", {OUTCOME: "failed", "conversation.turn.id": "t1"})
        others = [("nlu", {"nlu.intent": "greet"}), ("nlu", {OUTCOME: "failed"})]
        return {"data": [jaeger_trace("a1", 1000, turn, *others)]}

    answers = Answers(answer)
    jaeger = Jaeger(URL, answers.transport)
    (found,) = jaeger.search(999_500, 2_000_001, {OUTCOME: ["answered", "failed"]})
    assert found.trace_id == "0" * 30 + "a1"
    assert (found.service, found.start_ns, found.end_ns) == ("gateway", 1_000_000, 1_250_000)
    assert found.attributes["conversation.turn.id"] == "t1"
    searches = [params for path, params in answers.asked if path == "/api/traces"]
    assert [(each["service"], json.loads(each["tags"])[OUTCOME]) for each in searches] == [
        ("gateway", "answered"), ("gateway", "failed"), ("nlu", "answered"), ("nlu", "failed"),
    ]  # fmt: skip
    assert (searches[0]["start"], searches[0]["end"]) == ("999", "2001")


def test_booleans_are_searched_in_the_form_that_jaeger_compares() -> None:
    marked = ("gateway", {"conversation.exemplar": True})
    answers = Answers(lambda path, params: {"data": [jaeger_trace("a1", 1, marked)]})
    jaeger = Jaeger(URL, answers.transport)
    assert list(jaeger.search(0, 10**6, {"conversation.exemplar": [True]}, service="gateway"))
    assert json.loads(answers.asked[0][1]["tags"]) == {"conversation.exemplar": "true"}


def test_a_jaeger_without_services_finds_nothing() -> None:
    answers = Answers(lambda path, params: {"data": None})
    assert list(Jaeger(URL, answers.transport).search(0, 1, {OUTCOME: ["failed"]})) == []
