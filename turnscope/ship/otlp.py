"""Log records as an OTLP request."""

import math
from collections.abc import Mapping, Sequence

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber as ProtoSeverity
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from turnscope.ship.records import Record
from turnscope.ship.values import Scalar


def encode(resource: Mapping[str, Scalar], records: Sequence[Record]) -> bytes:
    """The request's bytes; equal records give equal bytes."""
    scope = ScopeLogs(
        scope=InstrumentationScope(name="turnscope.ship"),
        log_records=[_log_record(record) for record in records],
    )
    logs = ResourceLogs(resource=Resource(attributes=_key_values(resource)), scope_logs=[scope])
    request: bytes = ExportLogsServiceRequest(resource_logs=[logs]).SerializeToString()
    return request


def _log_record(record: Record) -> LogRecord:
    return LogRecord(
        time_unix_nano=record.timestamp_ns,
        observed_time_unix_nano=record.observed_ns,
        severity_number=ProtoSeverity.ValueType(record.severity.value),
        severity_text=record.severity_text,
        body=AnyValue(string_value=_storable(record.body)),
        attributes=_key_values(record.attributes),
        trace_id=record.trace_id,
        span_id=record.span_id,
    )


def _key_values(attributes: Mapping[str, Scalar]) -> list[KeyValue]:
    return [KeyValue(key=name, value=_any_value(value)) for name, value in attributes.items()]


def _any_value(value: Scalar) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        # OTLP's integers have 64 bits.
        return AnyValue(int_value=max(-(2**63), min(value, 2**63 - 1)))
    if isinstance(value, float):
        return AnyValue(double_value=value if math.isfinite(value) else 0.0)
    return AnyValue(string_value=_storable(value))


def _storable(text: str) -> str:
    """JSON can hold half a surrogate pair (\\ud83d alone); UTF-8 and so OTLP cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")
