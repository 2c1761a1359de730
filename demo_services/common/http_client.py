"""Calls to a neighbouring service, with time limits, safe retries and a circuit breaker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
from httpx_sse import EventSource
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from demo_services.common.circuit import Circuit, CircuitOpen

if TYPE_CHECKING:
    from turnscope.instrument import Telemetry

STREAM_END = "[DONE]"
"""The last data line of a stream in OpenAI form; it is not yielded."""

_CONNECT_LIMIT_S = 1.0
# The gateways' statuses: the request was not worked on, or can be repeated by its turn id.
_STATUSES_WORTH_A_RETRY = frozenset({502, 503, 504})


class NeighbourDown(Exception):
    """The neighbour gave no usable answer.

    `reason` is one of timeout, refused, status, circuit_open, broken_stream; `status` is the HTTP
    status where there was one.
    """

    def __init__(self, reason: str, neighbour: str, status: int | None = None) -> None:
        super().__init__(f"{neighbour} is down: {reason}" + (f" {status}" if status else ""))
        self.reason = reason
        self.neighbour = neighbour
        self.status = status


class NeighbourRefused(Exception):
    """The neighbour lives and said no (4xx). `body` is its parsed JSON, or {} where it had none."""

    def __init__(self, status: int, body: dict[str, Any], neighbour: str) -> None:
        super().__init__(f"{neighbour} refused with {status}")
        self.status = status
        self.body = body
        self.neighbour = neighbour


class Neighbour:
    """One neighbouring service. Close it with `aclose()` when the service stops.

    `timeout_s` limits a whole call with its retries; in a stream it is the longest silence between
    two events, and `stream_limit_s` limits the stream as a whole. `retries` counts repetitions
    after the first try: after refused or dropped connections and 502, 503, 504, never after a
    time-out, never once a stream has begun. POSTs may be repeated: they are idempotent by turn id.
    `outside` is for a service that is not ours: no client span, so no trace context or baggage, and
    the machine's proxy settings hold.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        telemetry: Telemetry,
        *,
        timeout_s: float = 5.0,
        retries: int = 2,
        stream_limit_s: float = 60.0,
        fail_max: int = 5,
        reset_s: float = 5.0,
        headers: Mapping[str, str] | None = None,
        outside: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.name = name
        self._telemetry = telemetry
        self._timeout_s = timeout_s
        self._retries = retries
        self._stream_limit_s = stream_limit_s
        self._circuit = Circuit(name, fail_max=fail_max, reset_s=reset_s)
        self._client = httpx.AsyncClient(
            base_url=base_url,
            timeout=httpx.Timeout(timeout_s, connect=min(_CONNECT_LIMIT_S, timeout_s)),
            headers=headers,
            transport=transport,
            # Our own are reached directly: a proxy meant for the outside would see every turn.
            trust_env=outside,
        )
        if not outside:
            telemetry.instrument_client(self._client)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def get_json(self, path: str) -> dict[str, Any]:
        """The JSON object at `path`. Raises NeighbourDown, NeighbourRefused."""
        return await self._call_json("GET", path, None)

    async def post_json(self, path: str, payload: dict[str, Any]) -> dict[str, Any]:
        """The JSON object answered to `payload`. Raises NeighbourDown, NeighbourRefused."""
        return await self._call_json("POST", path, payload)

    async def _call_json(
        self, method: str, path: str, payload: dict[str, Any] | None
    ) -> dict[str, Any]:
        async with self._watched():
            try:
                async with asyncio.timeout(self._timeout_s):
                    response = await self._send(method, path, payload, stream=False)
            except TimeoutError:
                raise NeighbourDown("timeout", self.name) from None
            body = _object(response)
            if body is None:
                raise NeighbourDown("status", self.name, response.status_code)
            return body

    async def stream_sse(
        self, path: str, payload: dict[str, Any]
    ) -> AsyncGenerator[tuple[str, dict[str, Any]], None]:
        """Events as (event name, parsed JSON data); unnamed events are called "message".

        Raises NeighbourDown, NeighbourRefused; the reason broken_stream means that events may have
        been yielded already. Wrap it in `contextlib.aclosing` where you may stop reading early.
        """
        async with self._watched():
            ends_at = time.monotonic() + self._stream_limit_s
            response = await self._send("POST", path, payload, stream=True)
            try:
                async for event in EventSource(response).aiter_sse():
                    if event.data == STREAM_END:
                        return
                    if time.monotonic() > ends_at:
                        raise NeighbourDown("timeout", self.name)
                    yield event.event, event.json()
            except httpx.TimeoutException:
                raise NeighbourDown("timeout", self.name) from None
            except (httpx.HTTPError, ValueError) as error:
                raise NeighbourDown("broken_stream", self.name) from error
            finally:
                await response.aclose()

    async def _send(
        self, method: str, path: str, payload: dict[str, Any] | None, *, stream: bool
    ) -> httpx.Response:
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self._retries + 1),
            wait=wait_random_exponential(multiplier=0.05, max=0.5),
            retry=retry_if_exception(_worth_a_retry),
            reraise=True,
        )
        return await retrying(self._send_once, method, path, payload, stream)

    async def _send_once(
        self, method: str, path: str, payload: dict[str, Any] | None, stream: bool
    ) -> httpx.Response:
        request = self._client.build_request(method, path, json=payload)
        try:
            response = await self._client.send(request, stream=stream)
            if response.is_error:
                await response.aread()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NeighbourDown("refused", self.name) from error
        except httpx.TimeoutException as error:
            raise NeighbourDown("timeout", self.name) from error
        except httpx.HTTPError as error:
            # A connection dropped under the request: typical of a neighbour that was restarted.
            raise NeighbourDown("refused", self.name) from error
        if not response.is_error and not response.is_redirect:
            return response
        await response.aclose()
        if response.is_client_error:
            raise NeighbourRefused(response.status_code, _object(response) or {}, self.name)
        raise NeighbourDown("status", self.name, response.status_code)

    @asynccontextmanager
    async def _watched(self) -> AsyncIterator[None]:
        started = time.monotonic()
        try:
            with self._circuit.guard(NeighbourDown):
                yield
        except CircuitOpen:
            self._log_failure("circuit_open", started)
            raise NeighbourDown("circuit_open", self.name) from None
        except NeighbourDown as down:
            self._log_failure(down.reason, started)
            raise

    def _log_failure(self, reason: str, started: float) -> None:
        self._telemetry.log.warning(
            "neighbour gave no answer",
            extra={
                "neighbour": self.name,
                "reason": reason,
                "error_flag": True,
                "latency_ms": round((time.monotonic() - started) * 1000, 1),
            },
        )


def _worth_a_retry(error: BaseException) -> bool:
    return isinstance(error, NeighbourDown) and (
        error.reason == "refused" or error.status in _STATUSES_WORTH_A_RETRY
    )


def _object(response: httpx.Response) -> dict[str, Any] | None:
    try:
        body = response.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
