"""Who may come in, and how often."""

from __future__ import annotations

import hmac

from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from demo_services.common.errors import Refusal
from demo_services.gateway.settings import GatewaySettings


class Guard:
    """Checks a request's bearer key and counts it against that key's rate limit."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._limiter = FixedWindowRateLimiter(storage_from_string(settings.rate_limit_storage))
        self._keys = [("client", settings.api_key, parse(settings.rate_limit))]
        if settings.load_key:
            self._keys.append(("load", settings.load_key, parse(settings.load_rate_limit)))

    def admit(self, authorization: str | None) -> str:
        """The name of the key shown. Raises Refusal: 401 without a key, 429 over the limit."""
        scheme, _, shown = (authorization or "").partition(" ")
        for name, key, limit in self._keys:
            if scheme.lower() == "bearer" and hmac.compare_digest(shown.encode(), key.encode()):
                if not self._limiter.hit(limit, name):
                    raise Refusal(
                        429,
                        "rate_limited",
                        f"This key may make {limit}; slow down and try again.",
                        {"Retry-After": "1"},
                    )
                return name
        raise Refusal(
            401,
            "unauthorized",
            "Send a key as `Authorization: Bearer <key>`; `make password` prints it.",
            {"WWW-Authenticate": "Bearer"},
        )
