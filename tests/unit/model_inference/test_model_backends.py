"""Each backend against a fake of what it drives."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from demo_services.common.http_client import Neighbour
from demo_services.model_inference.adapters.scripted import Script, ScriptedBackend
from demo_services.model_inference.adapters.smollm2 import Chunk, SmolLm2Backend
from demo_services.model_inference.adapters.upstream import UpstreamBackend
from demo_services.model_inference.domain import (
    Backend,
    Finish,
    GenerationFailed,
    Message,
    Prompt,
    Token,
    Usage,
)
from tests.unit.model_inference.model_stage import instant
from turnscope.instrument import Telemetry

pytestmark = pytest.mark.unit


def prompt(text: str = "Hello there", **fields: Any) -> Prompt:
    given: dict[str, Any] = {"model": "m", "max_tokens": 50, **fields}
    return Prompt(messages=(Message("user", text),), **given)


async def read(backend: Backend, asked: Prompt) -> tuple[str, Finish]:
    *tokens, finish = [item async for item in backend.generate(asked)]
    assert isinstance(finish, Finish)
    return "".join(token.text for token in tokens if isinstance(token, Token)), finish


def test_the_scripted_model_answers_the_same_prompt_the_same_way() -> None:
    assert asyncio.run(read(instant(), prompt(seed=3))) == asyncio.run(
        read(instant(), prompt(seed=3))
    )


def test_the_scripted_model_follows_an_example_that_answers_in_other_words() -> None:
    def after(example_answer: str) -> str:
        messages = (
            Message("user", "Gift wrapping costs 2 EUR."),
            Message("assistant", example_answer),
            Message("user", "Order 1042 was shipped."),
        )
        return asyncio.run(read(instant(), Prompt("m", messages, max_tokens=50)))[0]

    assert after("Have a nice day!") == "Have a nice day!"
    assert after("Sure: gift wrapping costs 2 EUR.").endswith("Order 1042 was shipped.")


def test_the_scripted_model_waits_for_its_tokens_instead_of_computing_them() -> None:
    backend = ScriptedBackend(Script(first_token_s=0.02, token_s=0.005))

    async def timed() -> tuple[float, float, int]:
        began, first, count = time.perf_counter(), 0.0, 0
        async for item in backend.generate(prompt("a b c d e f g h", seed=0)):
            if isinstance(item, Token):
                first = first or time.perf_counter() - began
                count += 1
        return first, time.perf_counter() - began, count

    first, whole, count = asyncio.run(timed())
    assert first >= 0.02
    assert whole >= 0.02 + 0.005 * (count - 1)


def test_the_same_seed_fails_the_same_scripted_answers() -> None:
    async def pattern() -> list[bool]:
        backend, failed = instant(error_rate=0.5, seed=11), []
        for _ in range(20):
            try:
                await read(backend, prompt())
                failed.append(False)
            except GenerationFailed:
                failed.append(True)
        return failed

    seen = asyncio.run(pattern())
    assert seen == asyncio.run(pattern())
    assert set(seen) == {True, False}


class FakeEngine:
    """llama.cpp's calls, played from a list of chunks; waits for `go` before the first."""

    def __init__(self, *chunks: Chunk) -> None:
        self.chunks = chunks
        self.go = threading.Event()
        self.go.set()
        self.requests: list[dict[str, Any]] = []
        self.stopped_after: int | None = None

    def handle_chat_completions(
        self, request: dict[str, Any], on_chunk: Callable[[Chunk], bool]
    ) -> object:
        self.requests.append(request)
        self.go.wait(5)
        for sent, chunk in enumerate(self.chunks, 1):
            if on_chunk(chunk):
                self.stopped_after = sent
                return None
        return None


def said(text: str, finish_reason: str | None = None) -> Chunk:
    return {"choices": [{"delta": {"content": text}, "finish_reason": finish_reason}]}


TOLD = {"choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 2}}


async def loaded(engine: FakeEngine, queue: int = 1) -> SmolLm2Backend:
    backend = SmolLm2Backend(lambda: engine, queue=queue)
    await backend.start()
    while backend.not_ready():
        await asyncio.sleep(0.001)
    return backend


def test_smollm2_forwards_tokens_and_its_own_count() -> None:
    engine = FakeEngine(said("Hi"), said(" Ann", "stop"), TOLD)

    async def run() -> tuple[str, Finish]:
        backend = await loaded(engine)
        answer = await read(backend, prompt(temperature=0.0, seed=5, stop=("\n",)))
        await backend.stop()
        return answer

    text, finish = asyncio.run(run())
    assert (text, finish.usage) == ("Hi Ann", Usage(4, 2))
    (request,) = engine.requests
    assert (request["temperature"], request["seed"], request["stop"]) == (0.0, 5, ["\n"])


def test_smollm2_refuses_what_would_wait_too_long_and_then_takes_requests_again() -> None:
    engine = FakeEngine(said("Hi", "stop"), TOLD)
    engine.go.clear()

    async def run() -> None:
        backend = await loaded(engine, queue=1)
        waiting = [asyncio.create_task(read(backend, prompt())) for _ in range(2)]
        await asyncio.sleep(0.01)
        with pytest.raises(GenerationFailed) as refused:
            await read(backend, prompt())
        assert (refused.value.reason, refused.value.status) == ("busy", 429)
        engine.go.set()
        await asyncio.gather(*waiting)
        await read(backend, prompt())
        await backend.stop()

    asyncio.run(run())


def test_smollm2_stops_generating_when_its_reader_leaves() -> None:
    engine = FakeEngine(said("a"), *[said("b")] * 100_000)

    async def run() -> None:
        backend = await loaded(engine)
        async with aclosing(backend.generate(prompt())) as items:
            await anext(items)
        await backend.stop()

    asyncio.run(run())
    assert engine.stopped_after is not None
    assert engine.stopped_after < 100_000


def test_smollm2_says_when_a_prompt_does_not_fit() -> None:
    told = {"type": "exceed_context_size_error", "n_prompt_tokens": 3031, "n_ctx": 2048}
    engine = FakeEngine({"error": told})

    async def run() -> None:
        backend = await loaded(engine)
        with pytest.raises(GenerationFailed, match="3031 tokens") as refused:
            await read(backend, prompt())
        assert refused.value.status == 400
        await backend.stop()

    asyncio.run(run())


def test_smollm2_that_cannot_be_loaded_says_why_and_refuses() -> None:
    def fail() -> FakeEngine:
        raise OSError("no such file")

    async def run() -> None:
        backend = SmolLm2Backend(fail, queue=1)
        await backend.start()
        while backend.not_ready() == "smollm2 is being loaded":
            await asyncio.sleep(0.001)
        assert backend.not_ready() == "smollm2 cannot be loaded: no such file"
        with pytest.raises(GenerationFailed) as refused:
            await read(backend, prompt())
        assert refused.value.reason == "unavailable"
        await backend.stop()

    asyncio.run(run())


class FakeUpstream:
    """An OpenAI-compatible service in a mock transport."""

    def __init__(self, *data: dict[str, Any] | str, status: int = 200) -> None:
        lines = (one if isinstance(one, str) else json.dumps(one) for one in data)
        self.text = "".join(f"data: {line}\n\n" for line in lines)
        self.status = status
        self.requests: list[httpx.Request] = []

    def backend(self) -> UpstreamBackend:
        upstream = Neighbour(
            "upstream",
            "http://up.test/v1",
            Telemetry.in_memory("model_inference"),
            retries=0,
            outside=True,
            headers={"Authorization": "Bearer key"},
            transport=httpx.MockTransport(self._answer),
        )
        return UpstreamBackend(upstream, ("big",), "openai")

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        kind = {"content-type": "text/event-stream"}
        return httpx.Response(self.status, text=self.text, headers=kind)


def test_an_upstream_is_asked_for_a_stream_with_usage_and_gets_no_trace_context() -> None:
    first = {"model": "big-2026", "choices": [{"delta": {"content": "Hi"}, "finish_reason": None}]}
    upstream = FakeUpstream(first, said("!", "stop"), TOLD, "[DONE]")
    with Telemetry.in_memory("model_inference").tracer.start_as_current_span("turn"):
        text, finish = asyncio.run(read(upstream.backend(), prompt()))
    assert (text, finish) == ("Hi!", Finish("stop", Usage(4, 2), "big-2026"))
    (request,) = upstream.requests
    assert request.url == "http://up.test/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer key"
    assert not {"traceparent", "baggage"} & set(request.headers)
    assert json.loads(request.content)["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    ("status", "reason"), [(429, "busy"), (401, "upstream_error"), (500, "upstream_error")]
)
def test_an_upstreams_refusal_becomes_a_bounded_reason_without_its_words(
    status: int, reason: str
) -> None:
    upstream = FakeUpstream("the key sk-1 is wrong", status=status)
    with pytest.raises(GenerationFailed) as failed:
        asyncio.run(read(upstream.backend(), prompt()))
    assert failed.value.reason == reason
    assert "sk-1" not in failed.value.message


def test_an_upstream_that_gives_up_in_the_middle_is_an_error() -> None:
    upstream = FakeUpstream(said("Hi"), {"error": {"message": "overloaded"}})
    with pytest.raises(GenerationFailed) as failed:
        asyncio.run(read(upstream.backend(), prompt()))
    assert failed.value.reason == "upstream_error"
