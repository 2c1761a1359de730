import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from demo_services.common.http_client import Neighbour, NeighbourDown, NeighbourRefused
from turnscope.instrument import Telemetry

pytestmark = pytest.mark.unit

Answer = Callable[[httpx.Request], Any]


def neighbour(answer: Answer, **limits: Any) -> Neighbour:
    telemetry = Telemetry.in_memory("dialog")
    transport = httpx.MockTransport(answer)
    return Neighbour("kb", "http://kb.test", telemetry, transport=transport, **limits)


class Script:
    """Answers each call with the next item: a status, an exception, or a response."""

    def __init__(self, *items: int | Exception | httpx.Response) -> None:
        self.items = list(items)
        self.calls = 0

    def __call__(self, _: httpx.Request) -> httpx.Response:
        item = self.items[min(self.calls, len(self.items) - 1)]
        self.calls += 1
        if isinstance(item, Exception):
            raise item
        return item if isinstance(item, httpx.Response) else httpx.Response(item, json={"n": 1})


def sse(*blocks: str) -> httpx.Response:
    text = "".join(block + "\n\n" for block in blocks)
    return httpx.Response(200, text=text, headers={"content-type": "text/event-stream"})


async def read(n: Neighbour) -> list[tuple[str, dict[str, Any]]]:
    return [item async for item in n.stream_sse("/stream", {})]


def test_a_json_answer_comes_back_as_a_dict() -> None:
    assert asyncio.run(neighbour(Script(200)).post_json("/x", {"a": 1})) == {"n": 1}


@pytest.mark.parametrize("trouble", [httpx.ConnectError("no"), 502, 503, 504])
def test_a_passing_trouble_is_retried(trouble: int | Exception) -> None:
    script = Script(trouble, 200)
    assert asyncio.run(neighbour(script).post_json("/x", {})) == {"n": 1}
    assert script.calls == 2


def test_a_refused_connection_is_given_up_after_the_retries() -> None:
    script = Script(httpx.ConnectError("no"))
    with pytest.raises(NeighbourDown) as down:
        asyncio.run(neighbour(script, retries=1).get_json("/x"))
    assert (down.value.reason, script.calls) == ("refused", 2)


@pytest.mark.parametrize(
    ("trouble", "reason"), [(httpx.ReadTimeout("slow"), "timeout"), (500, "status")]
)
def test_a_trouble_that_repeating_would_worsen_is_not_retried(
    trouble: int | Exception, reason: str
) -> None:
    script = Script(trouble)
    with pytest.raises(NeighbourDown) as down:
        asyncio.run(neighbour(script).get_json("/x"))
    assert (down.value.reason, script.calls) == (reason, 1)


def test_a_whole_call_stays_within_its_time_limit() -> None:
    async def hang(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(5)
        return httpx.Response(200)

    with pytest.raises(NeighbourDown, match="timeout"):
        asyncio.run(neighbour(hang, timeout_s=0.01).get_json("/x"))


def test_a_refusal_passes_through_with_its_body_and_leaves_the_circuit_closed() -> None:
    refused = httpx.Response(409, json={"error": {"reason": "session_ended"}})
    n = neighbour(Script(refused), fail_max=1)

    async def twice() -> None:
        for _ in range(2):
            with pytest.raises(NeighbourRefused) as said_no:
                await n.post_json("/x", {})
            assert said_no.value.status == 409
            assert said_no.value.body["error"]["reason"] == "session_ended"

    asyncio.run(twice())


def test_an_answer_that_is_no_json_object_counts_as_down() -> None:
    with pytest.raises(NeighbourDown, match="status"):
        asyncio.run(neighbour(Script(httpx.Response(200, text="<html>"))).get_json("/x"))


def test_a_failing_neighbour_is_left_alone_until_the_reset_and_then_tried_again() -> None:
    script = Script(500, 500, 200)
    n = neighbour(script, fail_max=2, reset_s=0.02)

    async def story() -> list[str]:
        seen = []
        for pause in (0, 0, 0, 0.03):
            await asyncio.sleep(pause)
            try:
                await n.get_json("/x")
                seen.append("ok")
            except NeighbourDown as down:
                seen.append(down.reason)
        return seen

    assert asyncio.run(story()) == ["status", "status", "circuit_open", "ok"]


def test_events_are_yielded_with_name_and_data_and_the_end_mark_ends_the_stream() -> None:
    answer = sse('event: token\ndata: {"text": "a"}', 'data: {"n": 2}', "data: [DONE]", "data: {}")
    assert asyncio.run(read(neighbour(Script(answer)))) == [
        ("token", {"text": "a"}),
        ("message", {"n": 2}),
    ]


def test_a_stream_that_breaks_is_not_begun_again() -> None:
    class Breaks(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            yield b'event: token\ndata: {"text": "a"}\n\n'
            raise httpx.ReadError("gone")

    answer = httpx.Response(200, stream=Breaks(), headers={"content-type": "text/event-stream"})
    script = Script(answer)
    with pytest.raises(NeighbourDown, match="broken_stream"):
        asyncio.run(read(neighbour(script)))
    assert script.calls == 1


def test_a_caller_that_stops_reading_counts_neither_for_nor_against_the_neighbour() -> None:
    n = neighbour(Script(sse("data: {}", "data: {}")))

    async def leave_early() -> None:
        async with aclosing(n.stream_sse("/stream", {})) as events:
            async for _ in events:
                break

    asyncio.run(leave_early())
    assert n._circuit.state == "closed"


def test_each_failure_leaves_one_log_line_that_names_the_neighbour() -> None:
    telemetry = Telemetry.in_memory("dialog")
    refuses = httpx.MockTransport(Script(httpx.ConnectError("no")))
    n = Neighbour("kb", "http://kb.test", telemetry, retries=1, transport=refuses)
    with pytest.raises(NeighbourDown):
        asyncio.run(n.get_json("/x"))
    (record,) = telemetry.log_records()
    assert (record["neighbour"], record["reason"], record["error_flag"]) == ("kb", "refused", True)


def test_calls_to_our_own_are_spans_and_calls_to_the_outside_are_not() -> None:
    telemetry = Telemetry.in_memory("dialog")
    for outside in (False, True):
        n = Neighbour(
            "x",
            "http://x.test",
            telemetry,
            outside=outside,
            headers={"authorization": "Bearer k"},
            transport=httpx.MockTransport(Script(200)),
        )
        asyncio.run(n.get_json("/x"))
    assert len(telemetry.spans()) == 1
