import io
import json
from dataclasses import replace

import pytest
from fake_stores import NOW, NS, FakeStores, StillClock
from rich.console import Console
from spans import TRACE_ID

from turnscope.diagnose.walk import walk
from turnscope.stores.loki import LogLine
from turnscope.stores.model import Span, Trace
from turnscope.stores.prometheus import Exemplar

pytestmark = pytest.mark.unit

START = int((NOW - 60) * NS)
MS = 10**6


def span(span_id: str, parent: str | None, start: int, end: int, service: str, **others) -> Span:  # type: ignore[no-untyped-def]
    times = (START + start * MS, START + end * MS)
    return Span(TRACE_ID, span_id, parent, service, "work", *times, **others)


def exemplar(value: float, trace_id: str = TRACE_ID, span_id: str = "root") -> Exemplar:
    series = {
        "__name__": "conversation_turn_duration_seconds_bucket",
        "service_name": "gateway",
        "outcome": "answered",
        "le": "1",
    }
    return Exemplar(series, {"trace_id": trace_id, "span_id": span_id}, value, NOW - 59)


def whole_chain() -> FakeStores:
    statement = {"db.query.text": "SELECT name\nFROM nlu.intent WHERE text = $1"}
    spans = [
        span("root", None, 0, 800, "gateway"),
        span("parse", "root", 10, 110, "nlu"),
        span("look", "parse", 20, 60, "nlu", attributes=statement),
        span("call", "root", 120, 700, "dialog_manager", status="error", status_message="gave up"),
    ]
    labels = {"trace_id": TRACE_ID, "service_name": "gateway", "severity_text": "INFO"}
    lines = [
        LogLine(START + 5 * MS, "turn [opened]", labels),
        LogLine(START + 790 * MS, "turn_finished", labels | {"severity_text": "ERROR"}),
    ]
    return FakeStores(
        traces=[Trace.of(TRACE_ID, spans)],
        lines=lines,
        exemplars=[exemplar(0.2, "f" * 32), exemplar(0.8)],
    )


def walked(
    stores: FakeStores, trace_id: str | None = None, still: StillClock | None = None
) -> tuple[int, str]:
    console = Console(file=io.StringIO(), width=140)
    code = walk(stores.open(), trace_id, console, clock=(still or StillClock()).clock)
    return code, console.file.getvalue()  # type: ignore[attr-defined]


def test_the_slowest_exemplar_leads_to_its_trace_and_its_lines() -> None:
    code, shown = walked(whole_chain())
    assert code == 0
    number, waterfall, lines = shown.split("\n\n")
    assert (
        'conversation_turn_duration_seconds{outcome="answered", service_name="gateway"}' in number
    )
    assert "0.800 s at 1970-01-02T03:45:41.000+00:00" in number
    assert f"{TRACE_ID}" in waterfall
    assert "4 spans of 3 services" in waterfall
    assert "turn [opened]" in lines
    assert lines.index("turn [opened]") < lines.index("turn_finished")


def test_the_waterfall_tells_depth_times_self_times_errors_and_statements() -> None:
    _, shown = walked(whole_chain())
    root, parse, look, call = [row for row in shown.splitlines() if " work" in row]
    assert root.startswith("◆ gateway work")
    assert root.split()[-3:] == ["0.0", "800.0", "120.0"]
    assert parse.startswith("    nlu work")
    assert parse.split()[-3:] == ["10.0", "100.0", "60.0"]
    assert look.startswith("      nlu work  SELECT name FROM nlu.intent")
    assert "✗ gave up" in call


def test_an_id_that_is_given_needs_no_exemplar() -> None:
    stores = whole_chain()
    stores.exemplars = []
    code, shown = walked(stores, TRACE_ID.upper())
    assert code == 0
    assert "No exemplar names this trace" in shown


def test_an_id_that_is_given_shows_the_number_that_names_it() -> None:
    assert "0.800 s" in walked(whole_chain(), TRACE_ID)[1]


def missing_link(stores: FakeStores, trace_id: str | None = None) -> str:
    code, shown = walked(stores, trace_id)
    assert code == 1
    return " ".join(shown.split())


def test_without_an_exemplar_the_number_is_missing() -> None:
    stores = whole_chain()
    stores.exemplars = []
    shown = missing_link(stores)
    assert "Missing link: the number. Looked for an exemplar of conversation_turn_duration" in shown
    assert "Prometheus at http://127.0.0.1:9090" in shown
    assert "make say" in shown


def test_an_exemplar_whose_trace_is_not_stored_is_a_broken_promise() -> None:
    stores = whole_chain()
    stores.traces = []
    shown = missing_link(stores)
    assert f"Looked for trace {TRACE_ID} in Jaeger at http://127.0.0.1:16686" in shown
    assert "An exemplar promised it" in shown
    assert "turn_finished" in shown


def test_a_given_trace_that_is_not_stored_is_named_and_no_promise_of_an_exemplar() -> None:
    shown = missing_link(FakeStores(), "abc")
    assert "Looked for trace " + "0" * 29 + "abc" in shown
    assert "promised" not in shown


def test_a_trace_without_the_exemplars_span_is_a_missing_link() -> None:
    stores = whole_chain()
    stores.exemplars = [exemplar(0.9, span_id="gone")]
    assert "Looked for span gone of trace" in missing_link(stores)


def test_a_trace_without_log_lines_is_a_missing_link() -> None:
    stores = whole_chain()
    stores.lines = []
    shown = missing_link(stores)
    assert f"Looked for lines with trace_id {TRACE_ID} in Loki at http://127.0.0.1:3100" in shown


def test_what_is_late_is_waited_for_and_patience_ends() -> None:
    still, stores = StillClock(), whole_chain()
    stores.traces = []
    walked(stores, TRACE_ID, still)
    assert 14 < sum(still.slept) < 17


def test_a_fresh_whole_trace_is_waited_for_only_until_its_lines_have_settled() -> None:
    still = StillClock(at=START / NS + 0.8 + 2)
    assert walked(whole_chain(), TRACE_ID, still)[0] == 0
    assert sum(still.slept) == pytest.approx(3)


def test_an_old_trace_below_a_callers_own_span_is_not_waited_for() -> None:
    still, stores = StillClock(), whole_chain()
    root = replace(stores.traces[0].spans[0], parent_id="caller")
    stores.traces = [Trace.of(TRACE_ID, [root])]
    code, shown = walked(stores, None, still)
    assert (code, still.slept) == (0, [0.0])
    assert "a caller's outside of these services" in shown


def test_an_old_whole_trace_is_not_waited_for() -> None:
    still = StillClock()
    walked(whole_chain(), None, still)
    assert sum(still.slept) == 0


def test_what_is_no_trace_id_is_wrong_use() -> None:
    code, shown = walked(whole_chain(), "order 1042")
    assert code == 2
    assert "'order 1042' is no trace id" in shown


def test_json_has_the_whole_chain() -> None:
    console = Console(file=io.StringIO(), width=80)
    assert walk(whole_chain().open(), None, console, True, StillClock().clock) == 0
    data = json.loads(console.file.getvalue())  # type: ignore[attr-defined]
    assert data["number"]["value"] == 0.8
    assert data["trace"]["complete"]
    assert [each["depth"] for each in data["trace"]["spans"]] == [0, 1, 2, 1]
    assert data["trace"]["spans"][3]["error"] == "gave up"
    assert [each["message"] for each in data["log_lines"]] == ["turn [opened]", "turn_finished"]
    assert data["missing"] == []
