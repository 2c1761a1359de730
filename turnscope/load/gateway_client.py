"""A small client of the gateway's HTTP interface; a failure is a GatewayError of one sentence."""

import json
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Protocol, Self

import httpx

from turnscope.load.answers import Answer, GatewayError, read_answer
from turnscope.load.sse import read_events

# A turn on a busy CPU model may take most of a minute; connecting never does.
TURN_TIMEOUT_SECONDS = 90.0
CONNECT_TIMEOUT_SECONDS = 3.0


class HasGateway(Protocol):
    """The part of the deployment's endpoints that this package needs."""

    @property
    def gateway_url(self) -> str: ...


class GatewayClient:
    """Calls one gateway with one bearer key. Safe to share between threads, as httpx.Client is."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        transport: httpx.BaseTransport | None = None,
        turn_timeout: float = TURN_TIMEOUT_SECONDS,
    ) -> None:
        self.url = url.rstrip("/")
        self._client = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=httpx.Timeout(turn_timeout, connect=CONNECT_TIMEOUT_SECONDS),
            transport=transport,
            # The gateway is ours and near; a proxy named in the environment is for the outside.
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def chat(self, message: str, **choices: str | None) -> Answer:
        """Send one user turn and wait for the whole answer.

        choices: session_id, turn_id, user_id, model, source_id; those that are None are left out.
        """
        fields = self._post("/v1/chat", {"message": message, **choices})
        return self._as_answer(fields)

    def stream(self, message: str, **choices: str | None) -> Iterator[str | Answer]:
        """Send one user turn; yield the reply's pieces as they come, and last the Answer."""
        body = _without_none({"message": message, **choices})
        try:
            with self._client.stream("POST", "/v1/chat/stream", json=body) as response:
                if response.status_code >= 400:
                    response.read()
                    raise self._refusal(response)
                yield from self._pieces(response.iter_bytes())
        except httpx.HTTPError as error:
            raise self._no_answer(error) from error

    def feedback(self, session_id: str, **given: str | int | None) -> None:
        """Rate a session or a turn. given: turn_id, rating 1 to 5, thumbs up or down, comment."""
        self._post("/v1/feedback", {"session_id": session_id, **given})

    def end(self, session_id: str) -> str | None:
        """End the session; its outcome as the gateway tells it."""
        fields = self._post(f"/v1/sessions/{session_id}/end", {})
        outcome = fields.get("outcome")
        return None if outcome is None else str(outcome)

    def _pieces(self, chunks: Iterator[bytes]) -> Iterator[str | Answer]:
        answered = False
        for event in read_events(chunks):
            fields = self._as_object(event.data)
            if event.name == "token":
                yield str(fields.get("text", ""))
            elif event.name == "answer":
                answered = True
                yield self._as_answer(fields)
            elif event.name == "error":
                told = _told(fields)
                raise GatewayError(_refusal_sentence(None, told), reason=told.get("reason"))
        if not answered:
            raise GatewayError(f"The gateway at {self.url} broke the stream off before its answer.")

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            response = self._client.post(path, json=_without_none(body))
        except httpx.HTTPError as error:
            raise self._no_answer(error) from error
        if response.status_code >= 400:
            raise self._refusal(response)
        return self._as_object(response.text)

    def _as_object(self, text: str) -> dict[str, Any]:
        try:
            fields = json.loads(text)
        except ValueError:
            fields = None
        if not isinstance(fields, dict):
            raise GatewayError(
                f"What answers at {self.url} is not the gateway: a JSON object was expected, "
                f"{text[:40]!r} came.",
                status=200,
            )
        return fields

    def _as_answer(self, fields: dict[str, Any]) -> Answer:
        try:
            return read_answer(fields)
        except (KeyError, TypeError, ValueError) as error:
            raise GatewayError(
                f"The gateway at {self.url} sent an answer without a usable {error}.", status=200
            ) from error

    def _no_answer(self, error: httpx.HTTPError) -> GatewayError:
        if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
            return GatewayError(f"No gateway answers at {self.url}: is the stack up? make status")
        if isinstance(error, httpx.TimeoutException):
            seconds = self._client.timeout.read
            return GatewayError(f"The gateway at {self.url} gave no answer within {seconds:g} s.")
        return GatewayError(
            f"The connection to the gateway at {self.url} broke: {type(error).__name__}."
        )

    def _refusal(self, response: httpx.Response) -> GatewayError:
        try:
            fields = response.json()
        except ValueError:
            fields = {}
        told = _told(fields if isinstance(fields, dict) else {})
        return GatewayError(
            _refusal_sentence(response.status_code, told),
            status=response.status_code,
            reason=told.get("reason"),
            retry_after=_seconds(response.headers.get("retry-after")),
        )


def _told(fields: dict[str, Any]) -> dict[str, Any]:
    error = fields.get("error")
    return error if isinstance(error, dict) else {}


def _refusal_sentence(status: int | None, told: dict[str, Any]) -> str:
    message = str(told.get("message") or told.get("reason") or "it gave no reason").rstrip(".")
    if status == 401:
        return f"The gateway does not know this key (401): {message}. GATEWAY_API_KEY holds it."
    return f"The gateway refused the call{f' ({status})' if status else ''}: {message}."


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None


def _without_none(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}
