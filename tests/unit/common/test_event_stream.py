import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from demo_services.common.event_stream import EventStream

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("stays_for_s", [0, 0.01])
def test_a_client_that_goes_away_closes_the_source_of_its_events(stays_for_s: float) -> None:
    closed = False

    async def events() -> AsyncGenerator[bytes, None]:
        nonlocal closed
        try:
            while True:
                yield b"data: {}\n\n"
        finally:
            closed = True

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(stays_for_s)
        return {"type": "http.disconnect"}

    async def send(_: Any) -> None:
        await asyncio.sleep(0.001)

    async def run() -> None:
        source = events()
        opening = await anext(source)
        scope = {"type": "http", "asgi": {"spec_version": "2.3"}}
        await EventStream(source, opening)(scope, receive, send)
        assert closed

    asyncio.run(run())
