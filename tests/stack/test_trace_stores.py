"""Both trace adapters against the real engines, with spans sent over OTLP."""

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_binaries import binaries
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span
from store_engines import Engine, jaeger, tempo, tempo_binary
from waiting import eventually

from turnscope.stores import open_trace_store
from turnscope.stores.model import Trace
from turnscope.stores.traces import TraceStore, root_count

# Jaeger may have to be compiled first.
pytestmark = pytest.mark.timeout(1800)

NS_PER_S = 10**9
OUTCOME = "conversation.turn.outcome"


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("jaeger", marks=pytest.mark.stack),
        pytest.param("tempo", marks=pytest.mark.tempo),
    ],
)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp(request.param)
    if request.param == "tempo":
        running = tempo(tempo_binary(), folder)
    else:
        running = jaeger(binaries("jaeger")["jaeger"], folder)
    with running as engine:
        yield engine


@pytest.fixture
def store(engine: Engine) -> Iterator[TraceStore]:
    store = open_trace_store(engine.kind, engine.url)
    yield store
    store.close()


def some_trace_id() -> str:
    return secrets.token_hex(16)


def a_span(trace_id: str, service: str, name: str, **values: object) -> ResourceSpans:
    """One span of a service; attributes by their dotted names in `attributes`."""
    group = ResourceSpans()
    named = group.resource.attributes.add(key="service.name")
    named.value.string_value = service
    start_ns = int(values.get("start_ns", time.time_ns() - NS_PER_S))  # type: ignore[call-overload]
    span = group.scope_spans.add().spans.add(
        trace_id=bytes.fromhex(trace_id),
        span_id=bytes.fromhex(str(values.get("span_id", secrets.token_hex(8)))),
        parent_span_id=bytes.fromhex(str(values.get("parent_id", ""))),
        name=name,
        kind=values.get("kind", Span.SPAN_KIND_INTERNAL),
        start_time_unix_nano=start_ns,
        end_time_unix_nano=int(values.get("end_ns", start_ns + 1_000_007)),  # type: ignore[call-overload]
    )
    for key, value in values.get("attributes", {}).items():  # type: ignore[attr-defined]
        held = span.attributes.add(key=key).value
        match value:
            case bool():
                held.bool_value = value
            case int():
                held.int_value = value
            case list():
                held.array_value.values.add(string_value=value[0])
            case _:
                held.string_value = value
    if "error" in values:
        span.status.code = 2
        span.status.message = str(values["error"])
        exception = span.events.add(name="exception", time_unix_nano=start_ns + 5)
        exception.attributes.add(key="exception.type").value.string_value = "TimeoutError"
    return group


def turn(service: str, trace_id: str, outcome: str, start_ns: int) -> ResourceSpans:
    attributes = {OUTCOME: outcome, "conversation.turn.id": f"turn-{trace_id}"}
    return a_span(trace_id, service, "POST /v1/chat", start_ns=start_ns, attributes=attributes)


def stored(store: TraceStore, trace_id: str, spans: int) -> Trace:
    def whole() -> Trace | None:
        trace = store.get(trace_id)
        return trace if trace is not None and len(trace.spans) == spans else None

    trace = eventually(whole, f"trace {trace_id} of {spans} spans", 20)
    assert trace is not None
    return trace


def found_by(
    store: TraceStore, service: str, start_ns: int, end_ns: int, *outcomes: str
) -> list[str]:
    found = store.search(start_ns, end_ns, {OUTCOME: outcomes}, service=service)
    return sorted(span.trace_id for span in found)


def patience(store: TraceStore) -> float:
    return store.search_lag_seconds * 2 + 30


def test_a_trace_by_its_id_keeps_all_that_was_sent(engine: Engine, store: TraceStore) -> None:
    trace_id, root_id, child_id = some_trace_id(), secrets.token_hex(8), secrets.token_hex(8)
    start_ns = time.time_ns() - NS_PER_S
    engine.send(
        a_span(
            trace_id, "gateway", "POST /v1/chat", span_id=root_id, kind=Span.SPAN_KIND_SERVER,
            start_ns=start_ns, end_ns=start_ns + 900_000_001,
            attributes={OUTCOME: "answered", "conversation.exemplar": True, "n": 7},
        ),
        a_span(
            trace_id, "nlu", "SELECT", span_id=child_id, parent_id=root_id,
            kind=Span.SPAN_KIND_CLIENT, start_ns=start_ns + 3, error="gave up",
            attributes={"db.query.text": 'SELECT "a"\nFROM b'},
        ),
    )  # fmt: skip
    root, child = stored(store, trace_id, 2).spans
    assert (root.trace_id, root.span_id, root.parent_id) == (trace_id, root_id, None)
    assert (root.service, root.name, root.kind, root.status) == (
        "gateway", "POST /v1/chat", "server", "unset",
    )  # fmt: skip
    assert (root.start_ns, root.end_ns) == (start_ns, start_ns + 900_000_001)
    expected = {OUTCOME: "answered", "conversation.exemplar": True, "n": 7}
    assert {key: root.attributes[key] for key in expected} == expected
    assert (child.service, child.parent_id, child.kind) == ("nlu", root_id, "client")
    assert (child.failed, child.status_message) == (True, "gave up")
    assert child.attributes["db.query.text"] == 'SELECT "a"\nFROM b'
    assert [(event.name, event.time_ns) for event in child.events] == [("exception", start_ns + 8)]
    assert child.events[0].attributes["exception.type"] == "TimeoutError"


def test_an_id_with_leading_zeros_is_found_short_and_given_back_whole(
    engine: Engine, store: TraceStore
) -> None:
    trace_id, service = "000" + some_trace_id()[3:], f"door-{secrets.token_hex(4)}"
    start_ns = time.time_ns() - NS_PER_S
    engine.send(turn(service, trace_id, "answered", start_ns))
    assert stored(store, trace_id.lstrip("0").upper(), 1).trace_id == trace_id
    found = eventually(
        lambda: found_by(store, service, start_ns, start_ns + NS_PER_S, "answered"),
        "the turn in a search",
        patience(store),
    )
    assert found == [trace_id]


def test_an_id_that_nobody_stored_is_none(store: TraceStore) -> None:
    assert store.get(some_trace_id()) is None


def test_a_search_gives_every_span_of_the_window_with_one_of_the_values_once(
    engine: Engine, store: TraceStore
) -> None:
    service = f"door-{secrets.token_hex(4)}"
    # Whole microseconds, so that Jaeger's search draws the window's edges exactly here too.
    window_ns = (time.time_ns() // 1000) * 1000 - 20 * NS_PER_S
    outcomes = ["answered", "degraded", "failed"] * 4
    ids = [some_trace_id() for _ in outcomes]
    for place, (trace_id, outcome) in enumerate(zip(ids, outcomes, strict=True)):
        engine.send(turn(service, trace_id, outcome, window_ns + place * NS_PER_S))
    engine.send(a_span(some_trace_id(), service, "no turn", start_ns=window_ns))
    engine.send(turn(f"{service}-2", some_trace_id(), "failed", window_ns))
    engine.send(turn(service, some_trace_id(), "failed", window_ns - 1000))
    end_ns = window_ns + len(ids) * NS_PER_S
    narrow = type(store)(engine.url, traces_a_page=3)

    whole = (store, service, window_ns, end_ns)

    def all_found() -> bool:
        return len(found_by(*whole, "answered", "degraded", "failed")) >= len(ids)

    eventually(all_found, "twelve turns in a search", patience(store))
    assert found_by(*whole, "answered", "degraded", "failed") == sorted(ids)
    assert found_by(*whole, "failed") == sorted(ids[2::3])
    assert found_by(narrow, service, window_ns, end_ns, "answered", "failed") == sorted(
        ids[0::3] + ids[2::3]
    )
    inner = found_by(store, service, window_ns + NS_PER_S, end_ns - NS_PER_S, "answered", "failed")
    assert inner == sorted([ids[2], ids[3], ids[5], ids[6], ids[8], ids[9]])
    narrow.close()


def test_what_is_found_tells_its_service_times_and_the_attributes_asked_for(
    engine: Engine, store: TraceStore
) -> None:
    service, trace_id = f"door-{secrets.token_hex(4)}", some_trace_id()
    start_ns = (time.time_ns() // 1000 - 10**6) * 1000
    engine.send(turn(service, trace_id, "degraded", start_ns))
    (found,) = eventually(
        lambda: [
            span
            for span in store.search(
                start_ns, start_ns + 1000, {OUTCOME: ["degraded"]}, select=["conversation.turn.id"]
            )
            if span.service == service
        ],
        "the turn in a search over all services",
        patience(store),
    )
    assert (found.trace_id, found.name, found.start_ns) == (trace_id, "POST /v1/chat", start_ns)
    # Jaeger's search tells microseconds.
    assert found.end_ns // 1000 == (start_ns + 1_000_007) // 1000
    assert found.attributes["conversation.turn.id"] == f"turn-{trace_id}"
    assert found.attributes[OUTCOME] == "degraded"


def test_two_turns_of_one_trace_are_one_root(engine: Engine, store: TraceStore) -> None:
    trace_id, start_ns = some_trace_id(), time.time_ns() - NS_PER_S
    mark = secrets.token_hex(8)
    for place in range(2):
        engine.send(
            a_span(trace_id, "gateway", "x", start_ns=start_ns + place, attributes={"mark": mark})
        )
    matched = eventually(
        lambda: list(store.search(start_ns, start_ns + NS_PER_S, {"mark": [mark]}))[1:],
        "both spans in a search",
        patience(store),
    )
    assert len(matched) == 1
    assert root_count(store, start_ns, start_ns + NS_PER_S, {"mark": [mark]}) == 1
