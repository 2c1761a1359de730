import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnscope.diagnose.counters import Bounds, Window, growth, total_growth

pytestmark = pytest.mark.unit

WINDOW = Window(100, 200, guard=1)


def scraped(*changes: tuple[float, float], until: float = 230) -> list[tuple[float, float]]:
    """Samples every 2 s from the first change on; each change is (since, value)."""
    points = []
    at = changes[0][0]
    while at <= until:
        points.append((at, [value for since, value in changes if since <= at][-1]))
        at += 2
    return points


def test_a_counter_that_rests_about_both_edges_is_exact() -> None:
    assert growth(scraped((50, 3), (120, 8)), WINDOW) == Bounds(5, 5)


def test_a_counter_that_never_moved_grew_by_nothing() -> None:
    assert growth(scraped((50, 3)), WINDOW) == Bounds(0, 0)
    assert growth([], WINDOW) == Bounds(0, 0)


def test_the_first_value_of_a_series_counts_because_it_was_created_at_0() -> None:
    assert growth(scraped((120, 0), (130, 7)), WINDOW) == Bounds(7, 7)


def test_a_series_first_scraped_above_0_is_bounded_and_says_so() -> None:
    found = growth(scraped((120, 3), (130, 7)), WINDOW)
    assert (found.lower, found.upper) == (4, 7)
    assert "stood at 3 when it was first scraped" in found.why[0]


@pytest.mark.parametrize("edge", [99.5, 100.5, 199.5, 200.5])
def test_turns_close_to_an_edge_widen_the_bounds(edge: float) -> None:
    points = [(at, 5.0 if at < edge else 6.0) for at in (90, 96, 98, 102, 104, 196, 198, 202, 204)]
    found = growth(points, WINDOW)
    assert (found.lower, found.upper) == (0, 1)
    assert "edge" in found.why[0]


def test_a_reset_in_the_window_leaves_no_upper_bound() -> None:
    found = growth(scraped((50, 10), (120, 14), (150, 2), (160, 3)), WINDOW)
    assert (found.lower, found.upper) == (7, None)
    assert "was reset before 00:02:30 UTC" in found.why[0]
    assert str(found) == "7 or more"


def test_a_reset_before_the_window_does_no_harm() -> None:
    assert growth(scraped((50, 10), (60, 0), (120, 4)), WINDOW) == Bounds(4, 4)


def test_a_counter_that_ends_in_the_window_may_have_counted_more() -> None:
    found = growth(scraped((50, 3), (120, 8), until=150), WINDOW)
    assert (found.lower, found.upper) == (5, None)
    assert "last scraped at 00:02:30 UTC" in found.why[0]


def test_a_counter_that_ended_before_the_window_counts_nothing() -> None:
    assert growth(scraped((20, 3), until=60), WINDOW) == Bounds(0, 0)


def test_replicas_add_up() -> None:
    one, other = scraped((50, 3), (120, 8)), scraped((50, 0), (140, 1))
    assert total_growth([one, other], WINDOW) == Bounds(6, 6)


@given(
    st.lists(st.floats(60, 240), max_size=40),
    st.floats(0.5, 5),
    st.floats(0, 5),
)
def test_the_bounds_always_hold_what_was_counted_in_the_window(
    turns: list[float], interval: float, phase: float
) -> None:
    times = [40 + phase + interval * n for n in range(int(220 / interval))]
    points = [(at, float(sum(turn <= at for turn in turns))) for at in times]
    truth = sum(WINDOW.start <= turn < WINDOW.end for turn in turns)
    found = growth(points, WINDOW)
    assert found.upper is not None
    assert found.lower <= truth <= found.upper


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (Bounds(5, 5), Bounds(5, 5), True),
        (Bounds(5, 5), Bounds(6, 6), False),
        (Bounds(4, 6), Bounds(6, 9), True),
        (Bounds(4, None), Bounds(9, 9), True),
        (Bounds(4, None), Bounds(3, 3), False),
    ],
)
def test_bounds_meet_where_one_number_fits_both(one: Bounds, other: Bounds, meet: bool) -> None:
    assert one.meets(other) is meet
    assert other.meets(one) is meet


def test_what_is_not_known_of_a_part_is_not_known_of_the_sum() -> None:
    assert Bounds(1, None, ("reset",)) + Bounds(2, 3) == Bounds(3, None, ("reset",))
    assert str(Bounds(2, 3)) == "2 to 3"
    assert str(Bounds(3, 3)) == "3"
