"""A collector of the tests that decodes and remembers what it accepted."""

import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from rich.console import Console

KINDS = {"string_value": str, "bool_value": bool, "int_value": int, "double_value": float}


@dataclass
class FakeCollector:
    """`answers` are given out first, one a request; an exception among them is raised.

    `spoilt`: bodies of records for which a batch is refused. `stored` has what Loki would keep:
    exact copies once.
    """

    collector_url: str = "http://127.0.0.1:4318"
    records: list[dict[str, Any]] = field(default_factory=list)
    stored: set[bytes] = field(default_factory=set)
    resources: list[dict[str, Any]] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)
    answers: list[httpx.Response | Exception] = field(default_factory=list)
    spoilt: set[str] = field(default_factory=set)
    loses_answers: int = 0

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._handle)

    @property
    def bodies(self) -> list[str]:
        return [record["body"] for record in self.records]

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        sent = ExportLogsServiceRequest.FromString(gzip.decompress(request.content))
        (logs,) = sent.resource_logs
        records = logs.scope_logs[0].log_records
        if self.spoilt & {record.body.string_value for record in records}:
            return httpx.Response(400, text="a record is spoilt")
        self.resources.append(_values(logs.resource.attributes))
        for record in records:
            self.stored.add(record.SerializeToString())
            self.records.append(
                {
                    "body": record.body.string_value,
                    "time": record.time_unix_nano,
                    "observed": record.observed_time_unix_nano,
                    "severity": record.severity_number,
                    "level": record.severity_text,
                    "trace_id": record.trace_id.hex(),
                    "span_id": record.span_id.hex(),
                    **_values(record.attributes),
                }
            )
        if self.loses_answers:
            self.loses_answers -= 1
            raise httpx.ReadError("the answer was lost")
        return httpx.Response(200)


def _values(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}


@pytest.fixture
def collector() -> FakeCollector:
    return FakeCollector()


@pytest.fixture
def console() -> Console:
    """Not a terminal: plain text, which the fixture `said` reads back."""
    return Console(file=io.StringIO(), width=200)


@pytest.fixture
def said(console: Console) -> Callable[[], str]:
    """Gives everything printed so far."""
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue
