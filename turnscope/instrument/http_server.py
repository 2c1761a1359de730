"""Rate, errors and duration of every route, and the page that Prometheus' format is read from."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from turnscope.instrument.metrics import Histogram

UNOBSERVED_PATHS = ("/healthz", "/metrics")
"""Paths that make neither spans nor metrics: they are asked every few seconds by machines."""

NO_ROUTE = "unmatched"
"""The route of every request that matches none; a path of the client's choosing is no label."""


class RequestMeter:
    """ASGI middleware that observes each request's duration by route, method and status.

    It sits inside the server span, so that the span can still be marked as an exemplar.
    """

    def __init__(self, app: ASGIApp, duration: Histogram) -> None:
        self._app = app
        self._duration = duration

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request and observe it, also when it fails or its client goes away."""
        if scope["type"] != "http" or scope["path"] in UNOBSERVED_PATHS:
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status, observed = 500, False

        def observe() -> None:
            nonlocal observed
            if not observed:
                observed = True
                self._duration.observe(
                    time.perf_counter() - started,
                    http_route=route_of(scope),
                    http_request_method=scope["method"],
                    http_response_status_code=status,
                )

        async def observe_before_last_byte(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body" and not message.get("more_body", False):
                # The instrumentation ends the server span as this message passes it; after that
                # the span could no longer be marked as an exemplar.
                observe()
            await send(message)

        try:
            await self._app(scope, receive, observe_before_last_byte)
        finally:
            observe()


def route_of(scope: Scope) -> str:
    """The template of the matched route, such as /v1/sessions/{session_id}/end."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else NO_ROUTE


def metrics_response(request: Request, registry: CollectorRegistry) -> Response:
    """All metrics of the registry; OpenMetrics, with exemplars, where the scraper asks for it."""
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(registry), media_type=content_type)
