"""The HTTP interface: orders, products, articles, with a real system's delays and faults."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from demo_services.knowledge_base.articles import ARTICLES
from demo_services.knowledge_base.domain import find_article, find_order, find_product
from demo_services.knowledge_base.settings import KnowledgeBaseSettings

Find = Callable[[str, date], Any]


def create_app(settings: KnowledgeBaseSettings) -> Starlette:
    """The application; the jitter and the failing requests are drawn from the seed."""
    draw = random.Random(settings.seed)  # noqa: S311 - a delay, not a secret

    def answering(kind: str, find: Find) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            await asyncio.sleep((settings.delay_ms + draw.random() * settings.jitter_ms) / 1000)
            if draw.random() < settings.error_rate:
                return _error(503, "unavailable", "The shop's records cannot be read right now.")
            key = request.path_params["key"]
            record = find(key, settings.today or datetime.now(UTC).date())
            if record is None:
                return _error(404, "not_found", f"There is no {kind} of that key.")
            return JSONResponse(plain(record))

        return endpoint

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    def article(topic: str, _today: date) -> Any:
        return find_article(topic, ARTICLES)

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/orders/{key}", answering("order", find_order)),
            Route("/products/{key}", answering("product", find_product)),
            Route("/articles/{key}", answering("article", article)),
        ]
    )


def plain(record: Any) -> dict[str, Any]:
    """A record as JSON; dates as ISO 8601."""
    fields = dataclasses.asdict(record)
    return {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in fields.items()
    }


def _error(status: int, reason: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"reason": reason, "message": message}}, status_code=status)
