import base64
from typing import Any

import pytest

from turnscope.stores.otlp_json import spans_of, value_of

pytestmark = pytest.mark.unit

TRACE = "5b8aa5a2d2c872e8321cf37308d69df2"
SPAN = "051581bf3cb55c13"


def resource_spans(span: dict[str, Any], service: str = "gateway") -> list[dict[str, Any]]:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    return [{"resource": resource, "scopeSpans": [{"scope": {"name": "x"}, "spans": [span]}]}]


def as_base64(digits: str) -> str:
    return base64.b64encode(bytes.fromhex(digits)).decode()


AS_JAEGER_WRITES = {
    "traceId": TRACE,
    "spanId": SPAN,
    "parentSpanId": "",
    "name": "POST /v1/chat",
    "kind": 2,
    "startTimeUnixNano": "1731000000000000001",
    "endTimeUnixNano": "1731000000500000001",
    "status": {"code": 2, "message": "gave up"},
    "attributes": [{"key": "n", "value": {"intValue": "7"}}],
    "events": [{"timeUnixNano": "1731000000000000002", "name": "exception"}],
}
AS_TEMPO_WRITES = AS_JAEGER_WRITES | {
    "traceId": as_base64(TRACE),
    "spanId": as_base64(SPAN),
    "kind": "SPAN_KIND_SERVER",
    "status": {"code": "STATUS_CODE_ERROR", "message": "gave up"},
}


@pytest.mark.parametrize("written", [AS_JAEGER_WRITES, AS_TEMPO_WRITES], ids=["jaeger", "tempo"])
def test_both_engines_dialects_give_the_same_span(written: dict[str, Any]) -> None:
    (span,) = spans_of(resource_spans(written))
    assert (span.trace_id, span.span_id, span.parent_id) == (TRACE, SPAN, None)
    assert (span.service, span.kind, span.status) == ("gateway", "server", "error")
    assert (span.duration_ns, span.attributes) == (500_000_000, {"n": 7})
    assert [(event.name, event.time_ns) for event in span.events] == [
        ("exception", 1731000000000000002)
    ]


@pytest.mark.parametrize("written", ["", "0000000000000000", as_base64("00" * 8)])
def test_a_parent_of_zeros_is_no_parent(written: str) -> None:
    (span,) = spans_of(resource_spans(AS_JAEGER_WRITES | {"parentSpanId": written}))
    assert span.parent_id is None


def test_what_a_span_leaves_out_has_its_default() -> None:
    left = {key: AS_JAEGER_WRITES[key] for key in AS_JAEGER_WRITES if key.endswith(("Id", "Nano"))}
    (span,) = spans_of([{"scopeSpans": [{"spans": [left]}]}])
    assert (span.service, span.name, span.kind, span.status) == ("", "", "unspecified", "unset")


def test_an_id_that_is_neither_form_is_refused() -> None:
    with pytest.raises(ValueError, match="is no id of 32 hex digits"):
        list(spans_of(resource_spans(AS_JAEGER_WRITES | {"traceId": "not!an!id"})))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ({"stringValue": ""}, ""),
        ({"boolValue": False}, False),
        ({"intValue": "-3"}, -3),
        ({"doubleValue": 0.5}, 0.5),
        ({"arrayValue": {"values": [{"stringValue": "a"}, {"intValue": "1"}]}}, ["a", 1]),
        ({"kvlistValue": {"values": [{"key": "k", "value": {"boolValue": True}}]}}, {"k": True}),
        ({}, None),
    ],
)
def test_every_kind_of_value_is_read(written: dict[str, Any], value: object) -> None:
    assert value_of(written) == value
