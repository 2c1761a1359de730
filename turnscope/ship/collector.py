"""Hands batches to the collector over OTLP/HTTP."""

import gzip
import os
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

import httpx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # ships no types
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

from turnscope.ship.otlp import encode
from turnscope.ship.records import Record
from turnscope.ship.values import Scalar

DEFAULT_ENDPOINT = "http://127.0.0.1:4318"
TIMEOUT_SECONDS = 10.0
# The collector has read the batch and will not take it, whenever it comes.
REFUSALS = frozenset({400, 413, 422})


class CollectorAwayError(Exception):
    """The collector does not take the batch now; the text is one sentence."""

    def __init__(self, sentence: str, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class EndpointError(Exception):
    """A collector's address that is none; the text is one sentence."""


class BatchRefusedError(Exception):
    """The collector will never take this batch as it is."""


class Collector:
    """One collector for one service's records."""

    def __init__(
        self,
        url: str,
        resource: Mapping[str, Scalar],
        *,
        headers: Mapping[str, str] | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = url
        self._resource = resource
        self._client = httpx.Client(
            headers={
                **(headers or {}),
                "Content-Type": "application/x-protobuf",
                "Content-Encoding": "gzip",
            },
            timeout=TIMEOUT_SECONDS,
            transport=transport,
            # The collector is near; a proxy named in the environment is for the outside.
            trust_env=False,
        )

    def send(self, records: Sequence[Record]) -> int:
        """Deliver the records; gives how many of them the collector refused for good.

        CollectorAwayError: not now. BatchRefusedError: never as this batch.
        """
        # mtime 0: a batch that is sent again is the same to the byte.
        body = gzip.compress(encode(self._resource, records), compresslevel=5, mtime=0)
        try:
            response = self._client.post(self.url, content=body)
        except httpx.HTTPError as error:
            told = "gives no answer" if isinstance(error, httpx.TimeoutException) else "is away"
            raise CollectorAwayError(
                f"The collector at {self.url} {told}; make status shows the stack."
            ) from error
        if response.status_code in REFUSALS:
            raise BatchRefusedError(_excerpt(response))
        if response.status_code != 200:
            raise CollectorAwayError(
                f"The collector at {self.url} answers {response.status_code}: "
                f"{_excerpt(response)}.",
                _seconds(response.headers.get("retry-after")),
            )
        return _refused_records(response, self.url)

    def close(self) -> None:
        self._client.close()


def endpoint_from_environment(otherwise: str | None = None) -> str:
    """The address of the logs signal: OTEL_EXPORTER_OTLP_*, else under the base `otherwise`.

    EndpointError for what is no address.
    """
    base = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or otherwise or DEFAULT_ENDPOINT
    whole = os.environ.get("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT") or f"{base.rstrip('/')}/v1/logs"
    try:
        url = httpx.URL(whole)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host:
        raise EndpointError(
            f"OTEL_EXPORTER_OTLP_ENDPOINT leads to {whole!r}; an address such as "
            f"{DEFAULT_ENDPOINT} is expected (OTLP over HTTP)."
        )
    return whole


def headers_from_environment() -> dict[str, str]:
    """OTEL_EXPORTER_OTLP_HEADERS: `name=value,name=value`, values percent-encoded."""
    pairs = (
        pair.partition("=") for pair in os.environ.get("OTEL_EXPORTER_OTLP_HEADERS", "").split(",")
    )
    return {name.strip(): unquote(value.strip()) for name, _, value in pairs if name.strip()}


def _refused_records(response: httpx.Response, url: str) -> int:
    try:
        answer = ExportLogsServiceResponse.FromString(response.content)
    except DecodeError as error:
        raise CollectorAwayError(f"What answers at {url} is no collector.") from error
    refused: int = answer.partial_success.rejected_log_records
    return refused


def _excerpt(response: httpx.Response) -> str:
    return " ".join(response.text.split())[:120].rstrip(".") or "no reason given"


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None
