import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnscope.stores import StoreError
from turnscope.stores.model import FoundSpan
from turnscope.stores.traces import search_in_slices

pytestmark = pytest.mark.unit


def engine(starts: list[int], limit: int, reach: int):  # type: ignore[no-untyped-def]
    """An engine that also gives traces that only reach into the window, and cuts at `limit`."""

    def fetch(start: int, end: int) -> tuple[list[FoundSpan], bool]:
        found = [
            FoundSpan(f"{place:032x}", "1", "gateway", "x", at, at + reach, {})
            for place, at in enumerate(starts)
            if at < end and at + reach >= start
        ]
        return found[:limit], len(found) >= limit

    return fetch


@given(
    starts=st.lists(st.integers(0, 999), unique=True, max_size=60),
    limit=st.integers(12, 40),
    reach=st.integers(0, 9),
)
def test_every_span_that_starts_in_the_window_comes_once(
    starts: list[int], limit: int, reach: int
) -> None:
    found = search_in_slices(engine(starts, limit, reach), 100, 900, 1, "Tempo")
    assert sorted(span.start_ns for span in found) == sorted(s for s in starts if 100 <= s < 900)


def test_a_slice_that_cannot_be_halved_any_more_is_an_error_not_a_loss() -> None:
    with pytest.raises(StoreError, match="Tempo holds more traces within 1 s"):
        list(search_in_slices(engine([5] * 9, 3, 0), 0, 4 * 10**9, 10**9, "Tempo"))
