"""Every signal that the contract declares is in its store, and no label grows with its users."""

from __future__ import annotations

import time

import pytest
from running import Stack, new_id
from waiting import eventually

from turnscope.contract import read_contract

pytestmark = pytest.mark.stack

# Nothing in a healthy run writes these; the tests of faults do.
RIGHTLY_EMPTY_EVENTS = {"fault_switched"}


@pytest.fixture(scope="module")
def talked(stack: Stack) -> Stack:
    """The stack after one conversation that touches everything."""
    first = stack.say("where is my order 1042?", user_id="contract-user")
    session = first["session_id"]
    stack.say("asdf qwer zxcv", session_id=session)
    stack.say("I want to talk to a human agent", session_id=session)
    stack.post("/v1/chat/stream", {"message": "where is my order 7?", "model": "scripted"})
    stack.post("/v1/chat", {"message": ""})
    stack.post("/v1/feedback", {"session_id": session, "rating": 5, "comment": "fine"})
    stack.post(f"/v1/sessions/{session}/end", {})
    return stack


@pytest.mark.parametrize("metric", sorted(read_contract().metrics))
def test_a_declared_metric_is_in_prometheus(talked: Stack, metric: str) -> None:
    kind = read_contract().metrics[metric].type
    name = f"{metric}_count" if kind == "histogram" else metric

    eventually(lambda: talked.stores.metrics.series_count(name), f"{name} in Prometheus", 20)


@pytest.mark.parametrize("event", sorted(set(read_contract().events) - RIGHTLY_EMPTY_EVENTS))
def test_a_declared_event_is_in_loki(talked: Stack, event: str) -> None:
    lines = eventually(lambda: talked.events(event), f"{event} in Loki", 20)

    declared = set(read_contract().events[event].fields)
    assert declared & set(lines[0].labels), f"{event} carries none of its declared fields"


@pytest.mark.parametrize("span", sorted(read_contract().spans))
def test_a_declared_span_is_in_the_trace_store(talked: Stack, span: str) -> None:
    owner = read_contract().spans[span]["owner"]
    answer = talked.say("where is my order 1042?", user_id="contract-user")

    def look() -> bool:
        trace = talked.stores.traces.get(answer["trace_id"])
        name = span.replace("{gen_ai.request.model}", "scripted")
        return trace is not None and any(
            found.name == name and found.service == owner for found in trace.spans
        )

    eventually(look, f"span {span} of {owner}", 30)


def test_calls_to_database_and_knowledge_base_are_metered_from_their_spans(talked: Stack) -> None:
    eventually(
        lambda: talked.stores.metrics.series_count(
            'traces_span_metrics_calls_total{service_name="nlu", db_system_name="postgresql"}'
        ),
        "span metrics of the database",
        20,
    )


def test_rates_and_percentiles_are_recorded_a_service_and_route(talked: Stack) -> None:
    for name in ("http_server_request_duration_seconds", "conversation_turn_duration_seconds"):
        eventually(
            lambda wanted=name: talked.stores.metrics.series_count(
                f'{{__name__=~".*:{wanted}:p95.*|.*{wanted}.*p95.*"}}'
            ),
            f"a recorded P95 of {name}",
            60,
        )


def strangers_talk(stack: Stack, count: int) -> None:
    """New users with new sessions say new things, and some ask for pages that do not exist."""
    for number in range(count):
        if number % 5 == 0:
            stack.post(f"/unknown-{new_id()}?q={new_id()}", {})
        stack.say(f"{new_id()} where is order {1000 + number}?", user_id=new_id())


def series_by_name(stack: Stack) -> dict[str, int]:
    """Series of the services; the engines' own metrics grow with what they have to do."""
    services = 'service_name=~"gateway|nlu|dialog_manager|model_inference"'
    counted = stack.stores.metrics.instant(f"count by (__name__) ({{{services}}})")
    return {sample.labels["__name__"]: int(sample.value) for sample in counted}


def test_new_users_sessions_messages_and_urls_add_no_series_and_no_stream(talked: Stack) -> None:
    def streams() -> int:
        now = time.time_ns()
        return talked.stores.logs.stream_count(now - 3600 * 10**9, now + 10**9)

    # The first of them walk ways that nobody walked before: a 404, statements of a longer dialog.
    strangers_talk(talked, 100)
    time.sleep(8)
    before, streams_before = series_by_name(talked), streams()

    strangers_talk(talked, 500)
    time.sleep(8)

    after = series_by_name(talked)
    grown = {name: after[name] - before.get(name, 0) for name in after}
    grown = {name: count for name, count in grown.items() if count > 0}
    # One new label set of one histogram has about this many series; 500 strangers would add
    # hundreds of label sets if anything of theirs were a label.
    assert sum(grown.values()) < 60, grown
    assert streams() == streams_before
