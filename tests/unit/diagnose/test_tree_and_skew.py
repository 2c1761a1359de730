import pytest
from hypothesis import given
from hypothesis import strategies as st
from spans import span, trace

from turnscope.diagnose.skew import place
from turnscope.diagnose.tree import tree_of
from turnscope.diagnose.waterfall import waterfall_of
from turnscope.stores.model import Span

pytestmark = pytest.mark.unit


def shifts(*spans: Span) -> dict[str, int]:
    placed = place(tree_of(trace(*spans)))
    return {span_id: each.shift_ns for span_id, each in placed.items() if each.shift_ns}


ROOT = span("root", None, 1000, 2000)


def test_a_service_whose_clock_is_behind_is_centred_within_its_caller_with_all_below() -> None:
    server = span("server", "root", 500, 1100, "nlu")
    below = span("below", "server", 600, 700, "nlu")
    assert shifts(ROOT, server, below) == {"server": 700, "below": 700}


def test_a_service_whose_clock_is_ahead_is_moved_back() -> None:
    assert shifts(ROOT, span("server", "root", 2100, 2500, "nlu")) == {"server": -800}


def test_what_lies_within_its_caller_stays() -> None:
    assert shifts(ROOT, span("server", "root", 1000, 2000, "nlu")) == {}


def test_work_that_outlives_its_parent_in_one_process_stays() -> None:
    assert shifts(ROOT, span("background", "root", 1900, 9000, "gateway")) == {}


@pytest.mark.parametrize("end", [2001, 3000])
def test_a_callee_that_ends_after_its_caller_stays(end: int) -> None:
    assert shifts(ROOT, span("server", "root", 1100, end, "nlu")) == {}


def test_a_callee_longer_than_its_caller_does_not_begin_before_it() -> None:
    assert shifts(ROOT, span("server", "root", 900, 3000, "nlu")) == {"server": 100}


def test_a_consumer_works_after_its_producer_by_right() -> None:
    assert shifts(ROOT, span("worker", "root", 5000, 5100, "nlu", kind="consumer")) == {}


@st.composite
def tangled_traces(draw: st.DrawFn) -> list[Span]:
    """Spans with any parents at all: themselves, rings, ids that are not there."""
    count = draw(st.integers(1, 12))
    ids = [f"{number:02d}" for number in range(count)]
    parents = st.one_of(st.none(), st.sampled_from([*ids, "gone"]))
    starts = st.integers(0, 50)
    services = st.sampled_from(["gateway", "nlu"])
    return [
        span(each, draw(parents), start := draw(starts), start + draw(starts), draw(services))
        for each in ids
    ]


@given(tangled_traces())
def test_every_span_is_one_line_whatever_the_parents_say(spans: list[Span]) -> None:
    waterfall = waterfall_of(trace(*spans))
    assert sorted(line.span.span_id for line in waterfall.lines) == [each.span_id for each in spans]
    for line in waterfall.lines:
        assert 0 <= line.self_ns <= line.duration_ns
        assert 0 <= line.offset_ns <= waterfall.total_ns - line.duration_ns


def test_spans_in_a_ring_begin_at_the_first() -> None:
    lines = waterfall_of(trace(span("a", "b", 0, 9), span("b", "a", 1, 5))).lines
    assert [(line.span.span_id, line.depth) for line in lines] == [("a", 0), ("b", 1)]
