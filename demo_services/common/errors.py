"""Every error a service answers with has one form: {"error": {"reason": ..., "message": ...}}."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo_services.common.body_limit import BodyLimit, BodyTooLargeError

if TYPE_CHECKING:
    from turnscope.instrument import Telemetry

ErrorForm = Callable[[int, str, str], dict[str, Any]]
"""From status, reason and message to the JSON body of an error."""


class Refusal(Exception):
    """Refuses a request: `reason` is one of a bounded set of words, `message` one sentence."""

    def __init__(
        self, status: int, reason: str, message: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.headers = headers


def plain_form(status: int, reason: str, message: str) -> dict[str, Any]:
    """The form of errors between the services and to the gateway's clients."""
    return {"error": {"reason": reason, "message": message}}


def install_error_handlers(
    app: FastAPI,
    telemetry: Telemetry,
    form: ErrorForm = plain_form,
    *,
    wrong_input_status: int = 422,
    most_body_bytes: int = 256 * 1024,
) -> None:
    """Makes `app` answer every error in `form`; what was not foreseen is logged, never shown.

    A body longer than `most_body_bytes` is refused with 413.

    Call it before `telemetry.instrument(app)`: the server span then has the status answered here.
    """

    def answer(
        status: int, reason: str, message: str, headers: dict[str, str] | None = None
    ) -> JSONResponse:
        return JSONResponse(form(status, reason, message), status, headers)

    def refuse(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Refusal)
        return answer(error.status, error.reason, error.message, error.headers)

    def refuse_input(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return answer(wrong_input_status, "invalid_request", _sentence(error))

    def refuse_body(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, BodyTooLargeError)
        return answer(error.status_code, "body_too_large", f"{error.detail}.")

    def refuse_http(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        reason = HTTPStatus(error.status_code).name.lower()
        return answer(error.status_code, reason, f"{error.detail}.", dict(error.headers or {}))

    app.add_exception_handler(Refusal, refuse)
    app.add_exception_handler(RequestValidationError, refuse_input)
    app.add_exception_handler(BodyTooLargeError, refuse_body)
    app.add_exception_handler(HTTPException, refuse_http)
    app.add_middleware(BodyLimit, limit=most_body_bytes)
    app.add_middleware(_UnforeseenErrors, telemetry=telemetry, answer=answer)


class _UnforeseenErrors:
    """Answers 500 for what no handler knows.

    A handler registered for Exception would answer too, but Starlette raises the error again behind
    it and the server logs it a second time.
    """

    def __init__(
        self, app: ASGIApp, telemetry: Telemetry, answer: Callable[[int, str, str], JSONResponse]
    ) -> None:
        self._app = app
        self._telemetry = telemetry
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception:
            self._telemetry.log.exception("request failed", extra={"error_flag": True})
            if started:
                # Too late for a status; the broken connection tells the client that this is no end.
                raise
            sentence = "The service failed on this request; its log names the reason."
            await self._answer(500, "internal_error", sentence)(scope, receive, send)


def _sentence(error: RequestValidationError) -> str:
    """Names the first wrong field and what was expected; never repeats what was given."""
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return "The body is not valid JSON."
    place = ".".join(str(part) for part in first["loc"] if part != "body") or "body"
    expected = str(first["msg"]).removeprefix("Value error, ")
    more = len(error.errors()) - 1
    return f"{place}: {expected}" + (f" (and {more} more)." if more else ".")
