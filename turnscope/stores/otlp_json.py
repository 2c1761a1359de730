"""Spans from OTLP's JSON form, as Tempo and Jaeger write it (each its own way).

Ids come as hex from Jaeger and as base64 from Tempo; enumerations as numbers or as names;
64-bit numbers as strings or numbers.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from turnscope.stores.model import (
    SPAN_ID_DIGITS,
    TRACE_ID_DIGITS,
    Attributes,
    AttributeValue,
    Span,
    SpanEvent,
)

KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")
STATUSES = ("unset", "ok", "error")


def spans_of(resource_spans: Sequence[Mapping[str, Any]]) -> Iterator[Span]:
    """Every span below a list of ResourceSpans, of whatever traces."""
    for group in resource_spans:
        resource = attributes_of(group.get("resource", {}).get("attributes", []))
        service = str(resource.get("service.name", ""))
        for scope in group.get("scopeSpans", []):
            for span in scope.get("spans", []):
                yield _span(span, service)


def attributes_of(pairs: Sequence[Mapping[str, Any]]) -> Attributes:
    """OTLP's list of key and value as a dictionary."""
    return {pair["key"]: value_of(pair.get("value", {})) for pair in pairs}


def value_of(value: Mapping[str, Any]) -> AttributeValue:
    """One AnyValue as a Python value; an empty one is None, bytes stay base64 text."""
    for kind, held in value.items():
        match kind:
            case "intValue":
                return int(held)
            case "doubleValue":
                return float(held)
            case "arrayValue":
                return [value_of(each) for each in held.get("values", [])]
            case "kvlistValue":
                return dict(attributes_of(held.get("values", [])))
            case _:
                return held  # type: ignore[no-any-return]
    return None


def _span(span: Mapping[str, Any], service: str) -> Span:
    status = span.get("status", {})
    return Span(
        trace_id=_id(span["traceId"], TRACE_ID_DIGITS),
        span_id=_id(span["spanId"], SPAN_ID_DIGITS),
        parent_id=_parent(span.get("parentSpanId", "")),
        service=service,
        name=span.get("name", ""),
        start_ns=int(span["startTimeUnixNano"]),
        end_ns=int(span["endTimeUnixNano"]),
        kind=_named(span.get("kind", 0), KINDS),
        status=_named(status.get("code", 0), STATUSES),
        status_message=status.get("message", ""),
        attributes=attributes_of(span.get("attributes", [])),
        events=tuple(
            SpanEvent(
                time_ns=int(event.get("timeUnixNano", 0)),
                name=event.get("name", ""),
                attributes=attributes_of(event.get("attributes", [])),
            )
            for event in span.get("events", [])
        ),
    )


def _id(text: str, digits: int) -> str:
    """Hex digits from hex or base64; the lengths never meet (32 and 16 against 24 and 12)."""
    if len(text) == digits:
        return text.lower()
    try:
        return base64.b64decode(text, validate=True).hex().zfill(digits)
    except binascii.Error as error:
        raise ValueError(f"{text!r} is no id of {digits} hex digits, nor base64 of one") from error


def _parent(text: str) -> str | None:
    if not text:
        return None
    parent = _id(text, SPAN_ID_DIGITS)
    return None if int(parent, 16) == 0 else parent


def _named(code: int | str, names: Sequence[str]) -> str:
    """SPAN_KIND_SERVER and 2 are both "server"; STATUS_CODE_ERROR and 2 are both "error"."""
    if isinstance(code, str):
        return code.lower().removeprefix("span_kind_").removeprefix("status_code_")
    return names[code] if 0 <= code < len(names) else names[0]
