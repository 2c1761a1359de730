import pytest

from turnscope.stores.model import Span, Trace, trace_id_of

pytestmark = pytest.mark.unit

TRACE = "0" * 30 + "a1"


def span(span_id: str, parent: str | None, start: int = 0, end: int = 10) -> Span:
    return Span(TRACE, span_id, parent, "gateway", "x", start, end)


@pytest.mark.parametrize("text", ["a1", "A1", " 0a1\n", TRACE])
def test_a_trace_id_is_made_whole(text: str) -> None:
    assert trace_id_of(text) == TRACE


@pytest.mark.parametrize("text", ["", "xyz", "0", "f" * 33, "0x1", "-1", "1_0"])
def test_what_is_no_trace_id_is_refused_with_the_text(text: str) -> None:
    with pytest.raises(ValueError, match="is no trace id"):
        trace_id_of(text)


def test_a_span_delivered_twice_is_one() -> None:
    trace = Trace.of("a1", [span("2", "1", 3), span("1", None), span("2", "1", 3)])
    assert [each.span_id for each in trace.spans] == ["1", "2"]
    assert trace.trace_id == TRACE


def test_a_trace_without_its_root_or_a_parent_is_not_complete() -> None:
    assert Trace.of(TRACE, [span("1", None), span("2", "1")]).complete
    assert not Trace.of(TRACE, [span("2", "1")]).complete
    hanging = Trace.of(TRACE, [span("1", None), span("3", "2")])
    assert not hanging.complete
    assert hanging.missing_parents == {"2"}


def test_a_trace_reaches_from_its_first_start_to_its_last_end() -> None:
    trace = Trace.of(TRACE, [span("1", None, 5, 9), span("2", "1", 3, 4), span("3", "1", 6, 20)])
    assert (trace.start_ns, trace.end_ns) == (3, 20)
    assert trace.root is not None
    assert trace.root.span_id == "1"
