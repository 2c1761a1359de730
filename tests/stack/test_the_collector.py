"""What the collector does to traces and logs on their way, with nothing else running."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from otlp_sink import OtlpSink
from private_collector import Otelcol, project_collector, trace_relay
from waiting import eventually

# The collector may have to be compiled first.
pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

Value = str | int | bool | list[str]

PLANTED = {
    "e-mail": "jane.doe@example.com",
    "card": "4111 1111 1111 1111",
    "iban": "DE89 3704 0044 0532 0130 00",
    "phone": "+49 170 1234567",
    "token": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
}
TEXT = " / ".join(PLANTED.values())
NANOSECONDS = 1_764_000_000_123_456_789
# A span id that is all digits and starts like a card: one in ten thousand is.
SPAN_ID_LIKE_A_CARD = "4111111111111111"
# 2 s after the root, the sampler's own tick, the exporter's flush.
DECIDED_SECONDS = 15


@dataclass
class Pipeline:
    """The collector under test and what came out of it."""

    collector: Otelcol
    sink: OtlpSink
    relay: Otelcol
    folder: Path = field(repr=False)

    def spans_of(self, trace_id: str) -> list[Span]:
        return [span for span in list(self.sink.spans) if span.trace_id.hex() == trace_id]

    def bodies(self) -> list[str]:
        return [record.body.string_value for record in list(self.sink.records)]

    def points(self, metric: str) -> list[tuple[dict[str, str], int]]:
        """Labels and calls of the newest points of a sum."""
        newest = [found for found in list(self.sink.metrics) if found.name == metric][-1:]
        return [
            ({a.key: a.value.string_value for a in point.attributes}, int(point.as_int))
            for found in newest
            for point in found.sum.data_points
        ]


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    """Ordinary traces are dropped here, so that what is kept was kept for a reason."""
    with OtlpSink() as sink:
        relay = trace_relay(tmp_path, sink.url)
        collector = project_collector(tmp_path, sink.url, relay.otlp_grpc, percent=0)
        try:
            relay.start()
            collector.start()
            yield Pipeline(collector, sink, relay, tmp_path)
        finally:
            collector.stop()
            relay.stop()


def attribute(key: str, value: Value) -> KeyValue:
    match value:
        case bool():
            return KeyValue(key=key, value=AnyValue(bool_value=value))
        case int():
            return KeyValue(key=key, value=AnyValue(int_value=value))
        case str():
            return KeyValue(key=key, value=AnyValue(string_value=value))
    items = [AnyValue(string_value=item) for item in value]
    return KeyValue(key=key, value=AnyValue(array_value=ArrayValue(values=items)))


def a_turn(*, seconds: float = 0.05, failed: bool = False, **attributes: Value) -> list[Span]:
    """A root span and its look-up in the database; two underscores in a name stand for a dot."""
    trace_id, root, now = secrets.token_bytes(16), secrets.token_bytes(8), time.time_ns()
    began = now - int(seconds * 1e9)
    turn = Span(
        trace_id=trace_id,
        span_id=root,
        name="POST /v1/chat",
        kind=Span.SPAN_KIND_SERVER,
        attributes=[attribute(key.replace("__", "."), value) for key, value in attributes.items()],
        start_time_unix_nano=began,
        end_time_unix_nano=now,
    )
    if failed:
        turn.status.code = Status.STATUS_CODE_ERROR
    call = Span(
        trace_id=trace_id,
        span_id=secrets.token_bytes(8),
        parent_span_id=root,
        name="SELECT turnscope",
        kind=Span.SPAN_KIND_CLIENT,
        attributes=[attribute("db.system.name", "postgresql")],
        start_time_unix_nano=began,
        end_time_unix_nano=now,
    )
    return [call, turn]


def traces(spans: list[Span]) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.append(attribute("service.name", "gateway"))
    group.scope_spans.add().spans.extend(spans)
    return request


def logs(*records: LogRecord) -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.attributes.append(attribute("service.name", "gateway"))
    group.scope_logs.add().log_records.extend(records)
    return request


def line(text: str) -> LogRecord:
    return LogRecord(time_unix_nano=time.time_ns(), body=AnyValue(string_value=text))


def trace_id_of(spans: list[Span]) -> str:
    return spans[0].trace_id.hex()


def assert_masked(where: str) -> None:
    assert "****" in where
    for name, secret in PLANTED.items():
        assert secret not in where, f"{name} came through: {where}"


def test_no_part_of_a_span_carries_a_secret_and_every_identifier_stays_whole(
    pipeline: Pipeline,
) -> None:
    session = str(uuid.uuid4())
    spans = a_turn(
        failed=True,
        session_id=session,
        span_id=SPAN_ID_LIKE_A_CARD,
        note=TEXT,
        notes=[TEXT, "fine"],
        card=4111111111111111,
        observed_ns=NANOSECONDS,
        order="1001042",
        http__request__header__authorization="opensesame",
    )
    turn = spans[-1]
    turn.name = f"chat {TEXT}"
    turn.status.message = f"could not mail {TEXT}"
    turn.events.add(name=f"said {TEXT}", attributes=[attribute("exception.message", TEXT)])
    pipeline.collector.send(traces(spans))

    stored = eventually(
        lambda: pipeline.spans_of(trace_id_of(spans)), "the failed turn", DECIDED_SECONDS
    )
    (kept,) = (span for span in stored if span.kind == Span.SPAN_KIND_SERVER)
    values = {a.key: a.value for a in kept.attributes}
    for text in (
        kept.name,
        kept.status.message,
        kept.events[0].name,
        kept.events[0].attributes[0].value.string_value,
        values["note"].string_value,
        str(values["notes"]),
    ):
        assert_masked(text)
    assert kept.name.startswith("chat ****")
    assert values["card"].string_value == "****"
    assert values["http.request.header.authorization"].string_value == "****"
    assert values["session_id"].string_value == session
    assert values["span_id"].string_value == SPAN_ID_LIKE_A_CARD
    assert values["observed_ns"].int_value == NANOSECONDS
    assert values["order"].string_value == "1001042"
    assert not [key for key in values if key.startswith("redaction.")]
    assert {a.key for a in kept.events[0].attributes} == {"exception.message"}


def test_no_part_of_a_log_record_carries_a_secret_and_every_identifier_stays_whole(
    pipeline: Pipeline,
) -> None:
    session, trace_id = str(uuid.uuid4()), secrets.token_hex(16)
    record = line(f"{session} at {NANOSECONDS} wrote {TEXT}")
    record.event_name = f"said {TEXT}"
    record.attributes.extend(
        [
            attribute("user_query", TEXT),
            attribute("trace_id", trace_id),
            attribute("span_id", PLANTED["e-mail"]),
            attribute("observed_ns", NANOSECONDS),
        ]
    )
    pipeline.collector.send(logs(record))

    eventually(lambda: pipeline.sink.records, "the line", 10)
    (kept,) = pipeline.sink.records
    values = {a.key: a.value for a in kept.attributes}
    for text in (
        kept.body.string_value,
        kept.event_name,
        values["event.name"].string_value,
        values["user_query"].string_value,
    ):
        assert_masked(text)
    assert kept.body.string_value.startswith(f"{session} at {NANOSECONDS} wrote ****")
    assert values["trace_id"].string_value == trace_id
    assert values["span_id"].string_value == "****"
    assert values["observed_ns"].int_value == NANOSECONDS
    assert set(values) == {"user_query", "trace_id", "span_id", "observed_ns", "event.name"}


def test_an_event_name_also_travels_as_the_attribute_that_loki_keeps(pipeline: Pipeline) -> None:
    record = line("thanks")
    record.event_name = "feedback_given"
    pipeline.collector.send(logs(record))

    eventually(lambda: pipeline.sink.records, "the line", 10)
    (kept,) = pipeline.sink.records
    assert {a.key: a.value.string_value for a in kept.attributes} == {
        "event.name": "feedback_given"
    }


def test_promised_failed_and_slow_traces_are_kept_whole_and_calls_are_counted_before_sampling(
    pipeline: Pipeline,
) -> None:
    kept = {
        "promised": a_turn(conversation__exemplar=True),
        "failed": a_turn(failed=True),
        "slow": a_turn(seconds=2.5),
    }
    ordinary = [a_turn() for _ in range(5)]
    for spans in [*kept.values(), *ordinary]:
        pipeline.collector.send(traces(spans))

    for reason, spans in kept.items():
        eventually(
            lambda spans=spans: len(pipeline.spans_of(trace_id_of(spans))) == 2,  # type: ignore[misc]
            f"the {reason} trace",
            DECIDED_SECONDS,
        )
    assert not [spans for spans in ordinary if pipeline.spans_of(trace_id_of(spans))]
    # A series starts at 0 and is counted up with the next flush.
    eventually(
        lambda: [count for _, count in pipeline.points("traces.span.metrics.calls")] == [8],
        "the count of all eight look-ups",
        10,
    )
    ((labels, _),) = pipeline.points("traces.span.metrics.calls")
    assert labels["db.system.name"] == "postgresql"
    assert labels["span.name"] == "SELECT turnscope"


def test_the_exemplars_of_calls_name_traces_that_are_stored(pipeline: Pipeline) -> None:
    promised, ordinary = a_turn(conversation__exemplar=True), a_turn()
    for spans in (promised, ordinary):
        pipeline.collector.send(traces(spans))

    def named() -> set[str]:
        return {
            exemplar.trace_id.hex()
            for metric in list(pipeline.sink.metrics)
            if metric.name.endswith(".duration")
            for point in metric.histogram.data_points
            for exemplar in point.exemplars
        }

    assert eventually(named, "an exemplar", DECIDED_SECONDS) == {trace_id_of(promised)}


def test_nothing_is_lost_while_the_stores_are_away_and_the_collector_crashes(
    pipeline: Pipeline,
) -> None:
    pipeline.sink.away.set()
    turns = [a_turn(failed=True) for _ in range(50)]
    sent = [f"line {number}" for number in range(200)]
    for number, spans in enumerate(turns):
        pipeline.collector.send(traces(spans))
        pipeline.collector.send(logs(*(line(text) for text in sent[number::50])))
    # Until the sampler has decided, a trace is in memory only: the price of sampling by tail.
    time.sleep(6)
    pipeline.collector.kill()
    pipeline.collector.start()
    pipeline.sink.away.clear()

    eventually(lambda: set(pipeline.bodies()) == set(sent), "all lines", 60)
    eventually(
        lambda: all(len(pipeline.spans_of(trace_id_of(spans))) >= 2 for spans in turns),
        "all traces",
        60,
    )
