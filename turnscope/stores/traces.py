"""What every trace store can do, and the paging that the engines leave to their callers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from turnscope.stores.http import StoreError
from turnscope.stores.model import FoundSpan, Trace

# Each attribute named must have one of its values.
AttributeFilter = Mapping[str, Sequence[str | bool | int]]


class TraceStore(Protocol):
    """Traces by id and spans by attribute. Both raise StoreError when there is no answer."""

    name: str
    url: str
    # How long a stored span may stay hidden from `search`; `get` sees it earlier.
    search_lag_seconds: float

    def get(self, trace_id: str) -> Trace | None:
        """The trace, or None where the store has none of that id. Raises ValueError for no id."""

    def search(
        self,
        start_ns: int,
        end_ns: int,
        attributes: AttributeFilter,
        *,
        service: str | None = None,
        select: Sequence[str] = (),
    ) -> Iterator[FoundSpan]:
        """Every span with start <= its start < end that has the attributes.

        service: only spans of this one. select: further attributes wanted on what is found.
        The order is the engine's.
        """

    def close(self) -> None:
        """Give the connections back."""


def root_count(store: TraceStore, start_ns: int, end_ns: int, attributes: AttributeFilter) -> int:
    """How many traces have a span with the attributes that started in the window."""
    return len({span.trace_id for span in store.search(start_ns, end_ns, attributes)})


# fetch(start_ns, end_ns) gives the spans found and whether the engine's limit cut the answer.
Fetch = Callable[[int, int], tuple[list[FoundSpan], bool]]


def search_in_slices(
    fetch: Fetch, start_ns: int, end_ns: int, smallest_ns: int, store: str
) -> Iterator[FoundSpan]:
    """All spans of the window from an engine that caps its answers and has no cursor.

    A slice of time whose answer was cut is halved until it fits. Engines match whole traces, which
    may reach into two slices: a span belongs to the slice it starts in.
    Raises StoreError when a slice of `smallest_ns` is still cut.
    """
    pending = [(start_ns, end_ns)]
    while pending:
        start, end = pending.pop()
        found, cut = fetch(start, end)
        if not cut:
            yield from (span for span in found if start <= span.start_ns < end)
            continue
        if end - start <= smallest_ns:
            raise StoreError(
                f"{store} holds more traces within {smallest_ns / 1e9:g} s at {start} ns than it "
                "gives in one answer: they cannot be told apart by time; narrow the search"
            )
        middle = (start + end) // 2
        pending += [(middle, end), (start, middle)]
