"""What the service says of its generations."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from demo_services.model_inference.adapters.prices import read_prices
from demo_services.model_inference.adapters.scripted import Script, ScriptedBackend
from demo_services.model_inference.app import create_app
from demo_services.model_inference.domain import (
    Generation,
    GenerationFailed,
    Message,
    Prompt,
    Token,
)
from demo_services.model_inference.instruments import ModelInstruments
from demo_services.model_inference.settings import PACKAGED_PRICES, ModelSettings
from demo_services.model_inference.watch import GenerationWatch
from tests.unit.model_inference.model_stage import Stage, instant, open_stage
from turnscope.instrument import Telemetry

pytestmark = pytest.mark.unit

MODEL = {"gen_ai_request_model": "scripted"}


class Troubled:
    """A model that gives one token and then raises."""

    provider = "test"
    in_process = False
    models: tuple[str, ...] = ("troubled",)

    def __init__(self, trouble: Exception) -> None:
        self._trouble = trouble

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def not_ready(self) -> str | None:
        return "troubled is being loaded"

    async def generate(self, prompt: Prompt) -> Generation:
        yield Token("half")
        raise self._trouble


def test_an_answer_is_timed_counted_and_priced_under_its_model(stage: Stage) -> None:
    usage = stage.ask("Hello there", seed=4).json()["usage"]
    for name in ("time_to_first_token", "time_per_output_token", "request_duration"):
        assert stage.sample(f"gen_ai_server_{name}_seconds_count", **MODEL) == 1, name
    for kind, told in (("input", "prompt_tokens"), ("output", "completion_tokens")):
        counted = stage.sample("gen_ai_client_token_usage_sum", **MODEL, gen_ai_token_type=kind)
        assert counted == usage[told]
    cost = stage.sample("conversation_model_cost_usd_total", **MODEL)
    assert cost == pytest.approx(usage["turnscope_cost_usd"])
    assert stage.sample("conversation_model_requests_in_progress", **MODEL) == 0


def test_the_span_follows_the_conventions_and_never_carries_the_texts(stage: Stage) -> None:
    stage.ask("Secret words", temperature=0.5, seed=7, max_tokens=50)
    span = stage.span()
    said: Mapping[str, Any] = span.attributes
    assert span.name == "chat scripted"
    assert span.kind is SpanKind.INTERNAL
    assert said["gen_ai.operation.name"] == "chat"
    assert said["gen_ai.provider.name"] == "scripted"
    assert said["gen_ai.response.finish_reasons"] == ("stop",)
    assert said["gen_ai.usage.output_tokens"] > 0
    assert said["gen_ai.request.seed"] == 7
    assert "Secret" not in str(said)


def test_a_finished_answer_leaves_one_log_line_in_the_trace_of_its_span(stage: Stage) -> None:
    stage.ask()
    (record,) = stage.telemetry.log_records()
    assert record["body"] == "chat finished"
    assert record["model_name"] == "scripted"
    assert record["span_id"] == f"{stage.span().context.span_id:016x}"


def test_the_span_offered_as_an_exemplar_is_marked_before_it_ends(stage: Stage) -> None:
    stage.ask()
    assert stage.span().attributes["conversation.exemplar"] is True
    accept = {"accept": "application/openmetrics-text"}
    exposed = stage.client.get("/metrics", headers=accept).text
    assert f'span_id="{stage.span().context.span_id:016x}"' in exposed


def test_counters_of_known_models_stand_at_zero_before_the_first_request(stage: Stage) -> None:
    assert stage.sample("conversation_model_errors_total", **MODEL, reason="busy") == 0
    assert stage.sample("conversation_model_clients_gone_total", **MODEL) == 0


def test_a_failure_before_the_first_token_has_its_status_its_reason_and_a_red_span() -> None:
    with open_stage([instant(error_rate=1)]) as stage:
        for streamed in (False, True):
            answer = stage.ask(stream=streamed)
            assert answer.status_code == 500
            assert answer.json()["error"]["code"] == "injected"
        assert stage.sample("conversation_model_errors_total", **MODEL, reason="injected") == 2
        assert stage.span().status.status_code is StatusCode.ERROR
        assert stage.span().attributes["error.type"] == "injected"
        assert stage.sample("gen_ai_server_request_duration_seconds_count", **MODEL) is None


def test_a_failure_in_the_middle_of_a_stream_is_an_error_event_without_done() -> None:
    trouble = GenerationFailed("broken_stream", "The upstream broke off.")
    with open_stage([Troubled(trouble)]) as stage:
        *_, token, last = stage.stream(model="troubled")
        assert token["choices"][0]["delta"]["content"] == "half"
        assert last["error"]["code"] == "broken_stream"
        assert stage.span().kind is SpanKind.CLIENT


def test_an_unforeseen_failure_is_logged_with_its_cause_and_not_shown() -> None:
    with open_stage([Troubled(ZeroDivisionError("inner secret"))]) as stage:
        answer = stage.ask(model="troubled")
        assert answer.status_code == 500
        assert "secret" not in answer.text
        (record,) = stage.telemetry.log_records()
        assert record["reason"] == "internal"
        assert "inner secret" in str(record["exception.message"])


def test_health_names_the_model_that_is_not_ready() -> None:
    with open_stage([instant(), Troubled(ValueError())]) as stage:
        answer = stage.client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["reason"] == "troubled is being loaded"


@pytest.mark.parametrize("leaves_at", ["token", "finish"])
def test_a_reader_that_leaves_counts_as_gone_unless_the_answer_was_finished(leaves_at: str) -> None:
    telemetry = Telemetry.in_memory("model_inference")
    instruments = ModelInstruments.of(telemetry, ["scripted"])
    watch = GenerationWatch(telemetry, instruments, read_prices(PACKAGED_PRICES))
    prompt = Prompt("scripted", (Message("user", "one two three"),), max_tokens=9)

    async def leave() -> None:
        async with aclosing(watch.watch(instant(), prompt, "id", streamed=True)) as items:
            async for item in items:
                if isinstance(item, Token) == (leaves_at == "token"):
                    break

    asyncio.run(leave())
    gone = telemetry.registry.get_sample_value("conversation_model_clients_gone_total", MODEL)
    (span,) = telemetry.spans()
    (record,) = telemetry.log_records()
    assert gone == (1 if leaves_at == "token" else 0)
    assert span.status.status_code is StatusCode.UNSET
    assert record["error_flag"] is False


def test_a_client_that_leaves_before_a_whole_answer_stops_the_model() -> None:
    waits = ScriptedBackend(Script(first_token_s=60, token_s=0))
    telemetry = Telemetry.in_memory("model_inference")
    app = create_app(ModelSettings(), telemetry, [waits], read_prices(PACKAGED_PRICES))
    body = b'{"model": "scripted", "messages": [{"role": "user", "content": "Hi"}]}'
    messages = [{"type": "http.request", "body": body}, {"type": "http.disconnect"}]
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/chat/completions",
        "headers": [(b"content-type", b"application/json")],
        "query_string": b"",
        "app": app,
    }
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 499
    gone = telemetry.registry.get_sample_value("conversation_model_clients_gone_total", MODEL)
    assert gone == 1
