"""How the neighbours' answers are read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from demo_services.common.http_client import Neighbour
from demo_services.dialog_manager.adapters.knowledge import HttpKnowledge
from demo_services.dialog_manager.adapters.model import HttpModel
from demo_services.dialog_manager.intents import Source
from demo_services.dialog_manager.lookups import Answered, Found
from demo_services.dialog_manager.moves import Lookup
from demo_services.dialog_manager.ports import ModelDown, Usage
from demo_services.dialog_manager.prompts import reword
from turnscope.instrument import Telemetry

pytestmark = pytest.mark.unit

Handle = Callable[[httpx.Request], httpx.Response]
PROMPT = reword("Gift wrapping is free.", 50)
USAGE = {"prompt_tokens": 30, "completion_tokens": 7, "turnscope_cost_usd": 0.002}


def _neighbour(handle: Handle) -> Neighbour:
    telemetry = Telemetry.in_memory("dialog_manager")
    transport = httpx.MockTransport(handle)
    return Neighbour("neighbour", "http://neighbour", telemetry, retries=0, transport=transport)


def _look_up(handle: Handle, key: str = "1042") -> Answered:
    return asyncio.run(HttpKnowledge(_neighbour(handle)).look_up(Lookup(Source.ORDER, key)))


def test_a_record_is_passed_on() -> None:
    answered = _look_up(lambda request: httpx.Response(200, json={"number": "1042"}))
    assert answered == Answered(Found.RECORD, {"number": "1042"})


@pytest.mark.parametrize(
    ("status", "found"), [(404, Found.NOTHING), (422, Found.OUTAGE), (503, Found.OUTAGE)]
)
def test_only_not_found_means_that_there_is_no_record(status: int, found: Found) -> None:
    assert _look_up(lambda request: httpx.Response(status, json={})) == Answered(found)


def test_a_key_of_the_users_making_stays_one_part_of_the_path() -> None:
    seen = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path)
        return httpx.Response(404, json={})

    _look_up(handle, "../articles/x?y#z")
    assert seen == [b"/orders/..%2Farticles%2Fx%3Fy%23z"]


def _word(handle: Handle, model: str | None = None) -> tuple[str, Usage]:
    return asyncio.run(HttpModel(_neighbour(handle), "usual").word(PROMPT, model))


def _completion(**more: Any) -> httpx.Response:
    choice = {"message": {"role": "assistant", "content": " Gladly: it is free. "}}
    return httpx.Response(200, json={"model": "usual-1", "choices": [choice], **more})


def test_a_wording_comes_with_what_it_took() -> None:
    text, usage = _word(lambda request: _completion(usage=USAGE))
    assert text == "Gladly: it is free."
    assert usage == Usage("usual-1", 30, 7, 0.002)


def test_a_wording_without_usage_counts_no_tokens() -> None:
    assert _word(lambda request: _completion(usage=None))[1] == Usage("usual-1")


@pytest.mark.parametrize(("named", "asked"), [(None, "usual"), ("other", "other")])
def test_the_model_that_is_named_is_asked(named: str | None, asked: str) -> None:
    seen = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        return _completion()

    _word(handle, named)
    assert seen[0]["model"] == asked
    assert seen[0]["max_tokens"] == 50
    assert seen[0]["messages"][-1] == {"role": "user", "content": "Gift wrapping is free."}


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(429, json={}),
        httpx.Response(503, json={}),
        httpx.Response(200, json={"choices": []}),
        httpx.Response(200, text="hello"),
    ],
)
def test_anything_but_a_completion_means_that_the_model_is_down(reply: httpx.Response) -> None:
    with pytest.raises(ModelDown):
        _word(lambda request: reply)


def _stream(*data: str) -> list[str | Usage]:
    text = "".join(f"data: {one}\n\n" for one in data)
    headers = {"content-type": "text/event-stream"}

    async def read() -> list[str | Usage]:
        model = HttpModel(
            _neighbour(lambda _: httpx.Response(200, text=text, headers=headers)), "u"
        )
        return [piece async for piece in model.stream(PROMPT, None)]

    return asyncio.run(read())


def _chunk(**fields: Any) -> str:
    return json.dumps({"model": "usual-1", **fields})


def test_a_stream_gives_its_pieces_and_its_usage_last() -> None:
    pieces = _stream(
        _chunk(choices=[{"delta": {"role": "assistant", "content": ""}}]),
        _chunk(choices=[{"delta": {"content": "Gladly"}}]),
        _chunk(choices=[{"delta": {}, "finish_reason": "stop"}]),
        _chunk(choices=[], usage=USAGE),
        "[DONE]",
    )
    assert pieces == ["Gladly", Usage("usual-1", 30, 7, 0.002)]


def test_a_stream_without_usage_still_names_its_model() -> None:
    pieces = _stream(_chunk(choices=[{"delta": {"content": "Gladly"}}]), "[DONE]")
    assert pieces == ["Gladly", Usage("u")]


def test_an_error_within_a_stream_means_that_the_model_is_down() -> None:
    with pytest.raises(ModelDown):
        _stream(_chunk(choices=[{"delta": {"content": "Gla"}}]), json.dumps({"error": {}}))
