import pytest
from hypothesis import given
from hypothesis import strategies as st
from spans import span, trace

from turnscope.diagnose.skew import Placed
from turnscope.diagnose.waterfall import (
    bar,
    error_of,
    self_time,
    shortened,
    statement_of,
    target_of,
    waterfall_of,
)
from turnscope.stores.model import SpanEvent

pytestmark = pytest.mark.unit


def placed(start: int, end: int) -> Placed:
    return Placed(start, end, 0)


@pytest.mark.parametrize(
    ("children", "expected"),
    [
        ([], 100),
        ([(10, 30)], 80),
        ([(10, 30), (30, 40)], 70),
        ([(10, 50), (20, 30)], 60),
        ([(10, 50), (40, 60)], 50),
        ([(0, 100), (0, 100)], 0),
        ([(-20, 10)], 90),
        ([(90, 300)], 90),
        ([(150, 300)], 100),
        ([(40, 40)], 100),
    ],
)
def test_self_time_is_what_no_child_covers(children: list[tuple[int, int]], expected: int) -> None:
    assert self_time(placed(0, 100), [placed(*child) for child in children]) == expected


@given(
    st.tuples(st.integers(0, 60), st.integers(0, 60)),
    st.lists(st.tuples(st.integers(-20, 80), st.integers(0, 60)), max_size=8),
)
def test_self_time_is_the_count_of_moments_without_a_child(
    parent: tuple[int, int], children: list[tuple[int, int]]
) -> None:
    start, end = parent[0], parent[0] + parent[1]
    spans = [placed(begin, begin + length) for begin, length in children]
    alone = [
        moment
        for moment in range(start, end)
        if not any(child.start_ns <= moment < child.end_ns for child in spans)
    ]
    assert self_time(placed(start, end), spans) == len(alone)


def test_lines_go_depth_first_with_siblings_by_their_start() -> None:
    waterfall = waterfall_of(
        trace(
            span("root", None, 100, 200),
            span("late", "root", 160, 190),
            span("early", "root", 110, 150),
            span("below", "early", 120, 130),
        )
    )
    lines = [(line.span.span_id, line.depth, line.offset_ns) for line in waterfall.lines]
    assert lines == [("root", 0, 0), ("early", 1, 10), ("below", 2, 20), ("late", 1, 60)]
    assert [line.self_ns for line in waterfall.lines] == [30, 30, 10, 30]
    assert waterfall.total_ns == 100


def test_children_side_by_side_take_their_parents_time_once() -> None:
    spans = [span("a", "root", 10, 60), span("b", "root", 20, 80)]
    (root, *_) = waterfall_of(trace(span("root", None, 0, 100), *spans)).lines
    assert root.self_ns == 30


def test_a_span_whose_parent_is_not_stored_is_a_line_of_its_own_and_marked() -> None:
    lines = waterfall_of(trace(span("root", None, 0, 9), span("lost", "gone", 3, 5))).lines
    assert [(line.span.span_id, line.depth, line.orphan) for line in lines] == [
        ("root", 0, False),
        ("lost", 0, True),
    ]


@pytest.mark.parametrize(
    ("offset", "duration", "drawn"),
    [
        (0, 100, "━━━━━━━━━━"),
        (50, 25, "     ━━   "),
        (0, 1, "━         "),
        (100, 0, "         ━"),
        (95, 20, "         ━"),
    ],
)
def test_a_bar_fills_its_columns_and_always_shows(offset: int, duration: int, drawn: str) -> None:
    assert bar(offset, duration, 100, 10) == drawn


def test_a_trace_without_duration_has_bars_too() -> None:
    assert bar(0, 0, 0, 4) == "━   "


def test_a_statement_is_one_short_line() -> None:
    told = span("1", None, 0, 1, attributes={"db.query.text": "SELECT a,\n   b\nFROM c"})
    assert statement_of(told) == "SELECT a, b FROM c"
    assert statement_of(span("1", None, 0, 1)) is None
    assert shortened("x" * 80, 72) == "x" * 71 + "…"
    assert shortened("x" * 72, 72) == "x" * 72


def test_a_call_is_told_by_host_and_path_without_what_was_asked() -> None:
    called = {"attributes": {"url.full": "http://nlu:8001/parse?text=secret"}}
    assert target_of(span("1", None, 0, 1, kind="client", **called)) == "nlu:8001/parse"
    assert target_of(span("1", None, 0, 1, kind="server", **called)) is None
    assert target_of(span("1", None, 0, 1, kind="client")) is None


def test_an_error_is_told_by_its_exception_else_by_its_message_else_by_its_type() -> None:
    raised = SpanEvent(1, "exception", {"exception.type": "TimeoutError"})
    failed = {"status": "error"}
    assert error_of(span("1", None, 0, 1, **failed, events=(raised,))) == "TimeoutError"
    assert error_of(span("1", None, 0, 1, **failed, status_message="gone")) == "gone"
    assert error_of(span("1", None, 0, 1, **failed, attributes={"error.type": "503"})) == "503"
    assert error_of(span("1", None, 0, 1, events=(raised,))) is None
