"""From a number to its trace to its log lines, and the edges between the services."""

from __future__ import annotations

import json
import time

import pytest
from running import Stack, new_id
from waiting import eventually

from turnscope.stores.loki import where
from turnscope.stores.model import Trace

pytestmark = pytest.mark.stack

EDGES = {
    ("gateway", "nlu"),
    ("gateway", "dialog_manager"),
    ("dialog_manager", "model_inference"),
}


def whole_trace(stack: Stack, trace_id: str) -> Trace:
    def look() -> Trace | None:
        trace = stack.stores.traces.get(trace_id)
        return trace if trace and trace.complete and len(trace.spans) > 8 else None

    return eventually(look, f"the whole trace {trace_id}", 30)


def test_one_trace_reaches_from_the_utterance_to_database_knowledge_base_and_model(
    stack: Stack,
) -> None:
    answer = stack.say("where is my order 1042?")

    trace = whole_trace(stack, answer["trace_id"])
    by_id = trace.by_id
    edges = {
        (by_id[span.parent_id].service, span.service)
        for span in trace.spans
        if span.parent_id and by_id[span.parent_id].service != span.service
    }
    assert edges == EDGES
    statements = {span.service for span in trace.spans if "db.query.text" in span.attributes}
    assert statements == {"nlu", "dialog_manager"}
    outside = [
        span
        for span in trace.spans
        if span.kind == "client" and "/orders/" in str(span.attributes.get("url.full", ""))
    ]
    assert outside, "no span of the call to the knowledge base"


def test_every_span_and_line_of_a_turn_carries_session_and_turn(stack: Stack) -> None:
    answer = stack.say("I want to send back a blue lamp")

    trace = whole_trace(stack, answer["trace_id"])
    assert {span.attributes.get("conversation.turn.id") for span in trace.spans} == {
        answer["turn_id"]
    }
    now = time.time_ns()
    query = where(trace_id=answer["trace_id"])

    def services() -> set[str]:
        lines = list(stack.stores.logs.lines(query, now - 60 * 10**9, now + 60 * 10**9))
        assert all(line.labels.get("turn_id") == answer["turn_id"] for line in lines)
        return {line.service for line in lines}

    eventually(lambda: "gateway" in services(), "the turn's log lines", 15)


def test_walk_prints_number_trace_and_lines_of_the_slowest_turn(stack: Stack) -> None:
    answer = stack.say("where is my order 1043?")
    whole_trace(stack, answer["trace_id"])

    def walked() -> bool:
        return stack.command("walk").returncode == 0

    eventually(walked, "a walk from an exemplar to its log lines", 30)
    shown = stack.command("walk", "--trace", answer["trace_id"])
    assert shown.returncode == 0, shown.stdout + shown.stderr
    for word in ("gateway", "nlu", "dialog_manager", "model_inference", "turn_finished"):
        assert word in shown.stdout


def test_walk_names_the_link_that_is_missing(stack: Stack) -> None:
    shown = stack.command("walk", "--trace", "0af7651916cd43dd8448eb211c80319c")

    assert shown.returncode == 1
    assert "0af7651916cd43dd8448eb211c80319c" in shown.stdout + shown.stderr


def test_every_exemplar_of_the_turn_latency_resolves(stack: Stack) -> None:
    for number in range(20):
        stack.say(f"where is my order {2000 + number}?")
    end = time.time()

    def exemplars() -> list[str]:
        found = stack.stores.metrics.exemplars(
            "conversation_turn_duration_seconds_bucket", end - 900, time.time()
        )
        return [exemplar.trace_id for exemplar in found]

    for trace_id in eventually(exemplars, "exemplars of the turn latency", 30):
        eventually(lambda wanted=trace_id: stack.stores.traces.get(wanted), f"trace {trace_id}", 30)


def test_a_stream_says_tokens_and_is_traced_like_a_whole_answer(stack: Stack) -> None:
    response = stack.post(
        "/v1/chat/stream", {"message": "where is my order 1050?", "model": "scripted"}
    )
    events = response.text.strip().split("\n\n")
    answer = json.loads(events[-1].split("data: ", 1)[1])

    assert sum(event.startswith("event: token") for event in events) >= 2
    assert answer["turn_outcome"] == "answered"
    services = {span.service for span in whole_trace(stack, answer["trace_id"]).spans}
    assert services == {"gateway", "nlu", "dialog_manager", "model_inference"}


def test_a_repeated_turn_id_gets_the_first_answer_again(stack: Stack) -> None:
    turn_id = new_id()
    first = stack.say("where is my order 1051?", turn_id=turn_id)

    again = stack.say("where is my order 1051?", turn_id=turn_id, session_id=first["session_id"])

    assert again["reply"] == first["reply"]
    assert len(eventually(lambda: stack.events("turn_finished", turn_id=turn_id), "event")) == 1
