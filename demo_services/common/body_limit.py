"""Refuses a request body that is too long before it is read into memory."""

from __future__ import annotations

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyTooLargeError(HTTPException):
    """An HTTPException: FastAPI hides any other error that comes up while it reads a body."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"The body is longer than {limit} bytes")


class BodyLimit:
    """Counts what arrives; `limit` in bytes."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, its body guarded."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        too_long = announced.isdecimal() and int(announced) > self._limit
        arrived = 0

        async def count() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if too_long or arrived > self._limit:
                raise BodyTooLargeError(self._limit)
            return message

        await self._app(scope, count, send)
