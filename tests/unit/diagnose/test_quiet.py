import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnscope.diagnose.quiet import last_quiet_point

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([], 100),
        ([90], 100),
        ([96], 100),
        ([97], 93),
        ([104], 100),
        ([103], 99),
        ([95, 97, 101], 91),
        ([80, 89, 96, 99], 85),
        ([50 + 3 * n for n in range(20)], None),
    ],
)
def test_the_latest_moment_far_enough_from_every_turn(
    times: list[float], expected: float | None
) -> None:
    assert last_quiet_point(times, latest=100, earliest=60, quiet=4) == expected


@given(st.lists(st.integers(0, 120), max_size=25))
def test_no_later_whole_second_is_quiet(times: list[int]) -> None:
    def quiet(moment: float) -> bool:
        return all(abs(at - moment) >= 4 for at in times)

    found = last_quiet_point(times, latest=100, earliest=20, quiet=4)
    by_hand = max((moment for moment in range(20, 101) if quiet(moment)), default=None)
    assert found == by_hand
