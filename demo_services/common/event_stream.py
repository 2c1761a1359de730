"""A server-sent event response that stops its source when the client goes away."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send


class EventStream(StreamingResponse):
    """Streams the encoded events of an async generator, and closes it however the stream ends.

    `opening` is what was taken from `events` before the status was decided. Starlette leaves a
    generator behind unclosed when the client goes away while a piece is being sent; its `finally`
    would then run whenever the garbage collector comes by.
    """

    def __init__(self, events: AsyncGenerator[bytes, None], opening: bytes = b"") -> None:
        # X-Accel-Buffering: a reverse proxy that collects the stream would hide the first token.
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        body = _with_opening(opening, events)
        super().__init__(body, media_type="text/event-stream", headers=headers)
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send everything, then close the generator."""
        async with aclosing(self._events):
            await super().__call__(scope, receive, send)


async def _with_opening(
    opening: bytes, events: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    if opening:
        yield opening
    async for event in events:
        yield event
