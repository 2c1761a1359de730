"""The turn scope, the log fields and what passes from service to service."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from opentelemetry import baggage

from turnscope.instrument import Telemetry
from turnscope.instrument.context import identity_of
from turnscope.instrument.in_memory import InMemoryTelemetry
from turnscope.instrument.logs import FIELDS_OF_EVERY_LINE, LineFormatter
from turnscope.instrument.propagation import AllowListPropagator
from turnscope.instrument.settings import TelemetrySettings

pytestmark = pytest.mark.unit


@pytest.fixture
def telemetry() -> InMemoryTelemetry:
    return Telemetry.in_memory("bot", door=True)


def turns(telemetry: InMemoryTelemetry, outcome: str) -> float | None:
    return telemetry.registry.get_sample_value("conversation_turns_total", {"outcome": outcome})


def test_a_turn_that_raises_is_a_failed_turn_and_the_error_goes_on(
    telemetry: InMemoryTelemetry,
) -> None:
    with pytest.raises(RuntimeError), telemetry.turn(user_query="hi"):
        raise RuntimeError("boom")

    assert turns(telemetry, "failed") == 1
    assert telemetry.log_records()[0]["degraded_reason"] == "RuntimeError"


def test_a_turn_left_without_an_answer_has_failed(telemetry: InMemoryTelemetry) -> None:
    with telemetry.turn(user_query="hi"):
        pass

    assert turns(telemetry, "failed") == 1


def test_a_discarded_request_leaves_no_turn(telemetry: InMemoryTelemetry) -> None:
    with telemetry.turn(user_query="hi") as turn:
        turn.discard()

    assert telemetry.log_records() == []
    assert turns(telemetry, "failed") == 0


def test_the_identity_is_gone_after_the_turn(telemetry: InMemoryTelemetry) -> None:
    with telemetry.turn(user_query="hi") as turn:
        turn.number(1)
        assert identity_of()["conversation.turn.index"] == 1
        turn.answered("hello")

    assert identity_of() == {}


def test_the_user_is_a_pseudonym_on_records_and_spans(telemetry: InMemoryTelemetry) -> None:
    with telemetry.turn(user_id="jo@example.com", user_query="hi") as turn:
        with telemetry.tracer.start_as_current_span("inside"):
            pass
        turn.answered("hello")

    (record,) = telemetry.log_records()
    (span,) = telemetry.spans()
    assert record["user_id"] == span.attributes["enduser.pseudo.id"]
    assert str(record["user_id"]).startswith("u-")


def test_texts_stay_away_where_the_setting_says_so() -> None:
    settings = TelemetrySettings(pseudonym_key="k", texts=False)
    telemetry = InMemoryTelemetry("bot", settings=settings)

    with telemetry.turn(user_query="private matter") as turn:
        turn.answered("public answer")

    (record,) = telemetry.log_records()
    assert "user_query" not in record
    assert "bot_response" not in record


def test_an_undeclared_event_field_is_refused(telemetry: InMemoryTelemetry) -> None:
    with pytest.raises(ValueError, match="colour"):
        telemetry.emit("turn_finished", colour="red")


def test_an_exception_in_a_log_record_is_redacted(telemetry: InMemoryTelemetry) -> None:
    try:
        raise ValueError("no mail for jo@example.com")
    except ValueError:
        telemetry.log.exception("failed for %s", "jo@example.com")

    assert "jo@example.com" not in str(telemetry.log_records())
    assert telemetry.log_records()[0]["exception.type"] == "ValueError"


def test_a_line_is_one_json_object_whatever_the_message_holds() -> None:
    record = logging.makeLogRecord({"msg": 'a\n{"level": "CRITICAL"}', "levelname": "INFO"})

    line = LineFormatter("bot").format(record)

    assert "\n" not in line
    for field in (*FIELDS_OF_EVERY_LINE, "message", "level", "service"):
        assert f'"{field}":' in line


def test_foreign_baggage_reaches_no_span_and_no_record() -> None:
    context = baggage.set_baggage("colour", "red")
    context = baggage.set_baggage("gen_ai.conversation.id", "s-1", context)

    assert identity_of(context) == {"gen_ai.conversation.id": "s-1"}


def test_a_door_starts_its_own_trace_and_links_the_callers(telemetry: InMemoryTelemetry) -> None:
    app = FastAPI()
    telemetry.instrument(app)

    @app.get("/x")
    async def answer() -> dict[str, Any]:
        return {"baggage": dict(baggage.get_all())}

    theirs = "0af7651916cd43dd8448eb211c80319c"
    headers = {"traceparent": f"00-{theirs}-b7ad6b7169203331-00", "baggage": "colour=red"}
    body = TestClient(app).get("/x", headers=headers).json()

    (span,) = telemetry.spans()
    assert body == {"baggage": {}}
    assert f"{span.context.trace_id:032x}" != theirs
    assert f"{span.links[0].context.trace_id:032x}" == theirs


def test_the_duration_of_a_request_names_its_trace(telemetry: InMemoryTelemetry) -> None:
    app = FastAPI()
    telemetry.instrument(app)

    @app.get("/x")
    async def answer() -> dict[str, Any]:
        return {}

    client = TestClient(app)
    client.get("/x")
    shown = client.get("/metrics", headers={"accept": "application/openmetrics-text"}).text

    (span,) = telemetry.spans()
    assert span.attributes["conversation.exemplar"] is True
    assert f'trace_id="{span.context.trace_id:032x}"' in shown


@pytest.mark.parametrize(
    ("host", "goes"), [("nlu:8001", True), ("kb", False), ("nlu.evil.example", False), ("", False)]
)
def test_trace_context_goes_to_named_hosts_only(
    telemetry: InMemoryTelemetry, host: str, goes: bool
) -> None:
    propagator = AllowListPropagator(frozenset({"nlu:8001", "dialog_manager"}))
    headers = httpx.Headers({"host": host})

    with telemetry.tracer.start_as_current_span("call"):
        propagator.inject(headers)

    assert ("traceparent" in headers) is goes


def test_unmatched_paths_share_one_route_label(telemetry: InMemoryTelemetry) -> None:
    app = FastAPI()
    telemetry.instrument(app)
    client = TestClient(app)
    for number in range(50):
        client.get(f"/secret-{number}")

    routes = {
        sample.labels["http_route"]
        for family in telemetry.registry.collect()
        for sample in family.samples
        if family.name == "http_server_request_duration_seconds"
    }
    assert routes == {"unmatched"}
