"""A store of the tests: answers from a function and remembers what it was asked."""

from collections.abc import Callable
from typing import Any

import httpx

URL = "http://127.0.0.1:9999"


class Answers:
    """`answer` gets path and parameters and gives JSON, or a whole response."""

    def __init__(self, answer: Callable[[str, dict[str, str]], Any]) -> None:
        self._answer = answer
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.transport = httpx.MockTransport(self._handle)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        asked = (request.url.path, dict(request.url.params))
        self.asked.append(asked)
        given = self._answer(*asked)
        return given if isinstance(given, httpx.Response) else httpx.Response(200, json=given)
