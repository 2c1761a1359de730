"""One HTTP client for every store: JSON in, and each failure told in one sentence."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# Long enough for a trace of some 200,000 spans, which Jaeger was seen to need 7 s for.
TIMEOUT_SECONDS = 30.0
EXCERPT_LENGTH = 200

Params = Mapping[str, str | int]


class StoreError(Exception):
    """A store could not answer. The message is one sentence made for the reader of a terminal."""


class StoreUnreachableError(StoreError):
    """Nobody answers at the store's address."""


class StoreRefusedError(StoreError):
    """The store answered that it will not do what was asked."""


class StoreHttp:
    """GET requests to one store.

    store: the name used in messages. url: its base address. transport: for tests.
    """

    def __init__(self, store: str, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self.store = store
        self.url = url.rstrip("/")
        # A proxy from the environment cannot reach this machine's own loopback.
        through_proxy = urlsplit(self.url).hostname not in LOOPBACK
        self._client = httpx.Client(
            timeout=TIMEOUT_SECONDS, transport=transport, trust_env=through_proxy
        )

    def get(self, path: str, params: Params | None = None) -> Any:
        """The decoded JSON body. Raises StoreUnreachableError or StoreRefusedError."""
        response = self._send(path, params)
        self._raise_for_refusal(response)
        return self._decoded(response)

    def find(self, path: str, params: Params | None = None) -> Any | None:
        """As `get`, but None when the store answers 404: it has no such thing."""
        response = self._send(path, params)
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        self._raise_for_refusal(response)
        return self._decoded(response)

    def close(self) -> None:
        self._client.close()

    def _send(self, path: str, params: Params | None) -> httpx.Response:
        headers = {"Accept": "application/json"}
        try:
            return self._client.get(self.url + path, params=params, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise StoreUnreachableError(
                f"{self.store} does not answer at {self.url}: {describe(error)}; "
                "is the stack up? make status"
            ) from error

    def _raise_for_refusal(self, response: httpx.Response) -> None:
        if not response.is_success:
            excerpt = " ".join(response.text.split())[:EXCERPT_LENGTH]
            raise StoreRefusedError(
                f"{self.store} at {self.url} answered {response.status_code} "
                f"to {response.request.url.path}: {excerpt or 'no reason given'}"
            )

    def _decoded(self, response: httpx.Response) -> Any:
        try:
            return response.json()
        except ValueError as error:
            raise StoreRefusedError(
                f"{self.store} at {self.url} answered {response.request.url.path} with no JSON; "
                "is it another program that listens there?"
            ) from error


def describe(error: Exception) -> str:
    """The error's own words, or its kind where it has none (time-outs of httpx)."""
    return str(error).rstrip(".") or type(error).__name__
