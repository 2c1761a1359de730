"""The gateway's routes with its neighbours played by a mock transport."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from demo_services.common.http_client import Neighbour
from demo_services.gateway.app import create_app
from demo_services.gateway.settings import GatewaySettings
from turnscope.instrument import Telemetry
from turnscope.instrument.in_memory import InMemoryTelemetry

pytestmark = pytest.mark.unit

KEY = "k" * 32
PARSE = {"intent": "order_status", "confidence": 0.93, "runner_up": "refund_status", "margin": 0.8}
REPLY = {
    "reply": "Order 1042 is on its way.",
    "act": "inform",
    "intent": "order_status",
    "outcome": "resolved",
    "fallback": False,
    "repair": False,
    "handoff": False,
    "degraded": False,
    "degraded_reason": None,
    "model_name": "scripted",
    "tokens_in": 30,
    "tokens_out": 12,
    "cost_usd": 0.0,
    "missing_slots": [],
}

Handler = Callable[[httpx.Request], httpx.Response]


class Stage:
    """A gateway with neighbours that answer what the test tells them to."""

    def __init__(self, **settings: Any) -> None:
        self.telemetry: InMemoryTelemetry = Telemetry.in_memory("gateway", door=True)
        self.answers: dict[str, Handler] = {
            "/parse": lambda _: httpx.Response(200, json=PARSE),
            "/turns/open": lambda _: httpx.Response(200, json={"turn_index": 1, "answer": None}),
            "/turns": lambda _: httpx.Response(200, json=REPLY),
        }
        self.seen: list[httpx.Request] = []
        transport = httpx.MockTransport(self._answer)
        neighbours = [
            Neighbour(name, f"http://{name}", self.telemetry, retries=0, transport=transport)
            for name in ("nlu", "dialog_manager")
        ]
        app = create_app(GatewaySettings(api_key=KEY, **settings), self.telemetry, *neighbours)
        self.client = TestClient(app, headers={"Authorization": f"Bearer {KEY}"})

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        return self.answers[request.url.path](request)

    def events(self, name: str) -> list[dict[str, object]]:
        return [r for r in self.telemetry.log_records() if r.get("event.name") == name]

    def count(self, metric: str, **labels: str) -> float:
        return self.telemetry.registry.get_sample_value(metric, labels) or 0.0


@pytest.fixture
def stage() -> Stage:
    return Stage()


def down(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


def test_an_answered_turn_is_counted_and_reported_once(stage: Stage) -> None:
    answer = stage.client.post("/v1/chat", json={"message": "where is my order 1042?"}).json()

    assert answer["reply"] == REPLY["reply"]
    assert answer["turn_outcome"] == "answered"
    assert stage.count("conversation_turns_total", outcome="answered") == 1
    (event,) = stage.events("turn_finished")
    assert event["turn_id"] == answer["turn_id"]
    assert event["trace_id"] == answer["trace_id"]
    assert event["tokens_used"] == 42
    assert event["error_flag"] is False


def test_every_span_of_a_turn_carries_its_identity(stage: Stage) -> None:
    answer = stage.client.post("/v1/chat", json={"message": "hello"}).json()

    spans = stage.telemetry.spans()
    assert len(spans) >= 4
    assert {span.attributes["conversation.turn.id"] for span in spans} == {answer["turn_id"]}


def test_nlu_down_still_gives_an_answer_and_says_so(stage: Stage) -> None:
    stage.answers["/parse"] = down

    answer = stage.client.post("/v1/chat", json={"message": "hello"}).json()

    assert answer["degraded"] is True
    assert stage.count("conversation_turns_total", outcome="degraded") == 1
    (event,) = stage.events("turn_finished")
    assert event["error_flag"] is True


def test_dialog_manager_down_is_a_failed_turn_and_no_server_error(stage: Stage) -> None:
    stage.answers["/turns"] = down

    response = stage.client.post("/v1/chat", json={"message": "hello"})

    assert response.status_code == 200
    assert response.json()["turn_outcome"] == "failed"
    assert stage.count("conversation_turns_total", outcome="failed") == 1
    (event,) = stage.events("turn_finished")
    assert event["degraded_reason"] == "refused"


def test_an_unknown_session_is_refused_and_is_no_turn(stage: Stage) -> None:
    stage.answers["/turns/open"] = lambda _: httpx.Response(
        404, json={"error": {"reason": "unknown_session", "message": "x"}}
    )

    response = stage.client.post(
        "/v1/chat", json={"message": "hello", "session_id": str(uuid.uuid4())}
    )

    assert response.status_code == 404
    assert response.json()["error"]["reason"] == "unknown_session"
    assert stage.count("conversation_requests_refused_total", reason="unknown_session") == 1
    assert stage.events("turn_finished") == []
    assert (
        sum(stage.count("conversation_turns_total", outcome=o) for o in ("answered", "failed")) == 0
    )


def test_a_repeated_turn_id_gets_the_first_answer_and_is_not_counted_again(stage: Stage) -> None:
    stage.answers["/turns/open"] = lambda _: httpx.Response(
        200, json={"turn_index": 2, "answer": REPLY}
    )

    answer = stage.client.post(
        "/v1/chat", json={"message": "hello", "turn_id": str(uuid.uuid4())}
    ).json()

    assert answer["reply"] == REPLY["reply"]
    assert stage.count("conversation_turns_repeated_total") == 1
    assert stage.events("turn_finished") == []
    assert "/turns" not in [request.url.path for request in stage.seen]


def test_a_stream_gives_tokens_and_then_the_answer(stage: Stage) -> None:
    body = "".join(
        f"event: token\ndata: {json.dumps({'text': word})}\n\n" for word in ("Order", " 1042")
    )
    body += f"event: answer\ndata: {json.dumps(REPLY)}\n\n"
    stage.answers["/turns/stream"] = lambda _: httpx.Response(
        200, content=body.encode(), headers={"content-type": "text/event-stream"}
    )

    text = stage.client.post("/v1/chat/stream", json={"message": "hello"}).text

    assert [line for line in text.splitlines() if line.startswith("event:")] == [
        "event: token",
        "event: token",
        "event: answer",
    ]
    assert stage.count("conversation_turn_first_token_seconds_count") == 1
    (event,) = stage.events("turn_finished")
    assert event["streamed"] is True
    assert event["outcome"] == "answered"
    assert event["turn_index"] == 1


def test_a_stream_that_breaks_ends_as_a_failed_turn_with_an_honest_answer(stage: Stage) -> None:
    stage.answers["/turns/stream"] = lambda _: httpx.Response(
        200,
        content=b'event: token\ndata: {"text": "Or"}\n\n',
        headers={"content-type": "text/event-stream"},
    )

    text = stage.client.post("/v1/chat/stream", json={"message": "hello"}).text

    assert '"turn_outcome": "failed"' in text
    assert stage.count("conversation_turns_total", outcome="failed") == 1


@pytest.mark.parametrize(
    ("body", "headers", "status", "reason"),
    [
        ({"message": ""}, {}, 422, "invalid_request"),
        ({"message": "x", "colour": "red"}, {}, 422, "invalid_request"),
        ({"message": "x" * 2001}, {}, 422, "invalid_request"),
        ({"message": "x", "session_id": "not-a-uuid"}, {}, 422, "invalid_request"),
        ({"message": "x"}, {"Authorization": "Bearer wrong"}, 401, "unauthorized"),
    ],
)
def test_wrong_requests_are_refused_by_reason(
    stage: Stage, body: dict[str, Any], headers: dict[str, str], status: int, reason: str
) -> None:
    response = stage.client.post("/v1/chat", json=body, headers=headers)

    assert response.status_code == status
    assert stage.count("conversation_requests_refused_total", reason=reason) == 1
    assert stage.seen == []


def test_a_key_over_its_rate_is_told_to_slow_down() -> None:
    stage = Stage(rate_limit="1/hour")
    stage.client.post("/v1/chat", json={"message": "one"})

    assert stage.client.post("/v1/chat", json={"message": "two"}).status_code == 429
    assert stage.count("conversation_requests_refused_total", reason="rate_limited") == 1


def test_personal_data_in_a_message_reaches_no_log_record(stage: Stage) -> None:
    stage.client.post("/v1/chat", json={"message": "I am jo@example.com", "user_id": "jo"})

    text = json.dumps(stage.telemetry.log_records(), default=str)
    assert "jo@example.com" not in text
    assert '"user_id": "u-' in text


def test_neighbours_outside_the_allow_list_get_no_trace_context(stage: Stage) -> None:
    stage.client.post("/v1/chat", json={"message": "hello"})

    assert all("traceparent" not in request.headers for request in stage.seen)
