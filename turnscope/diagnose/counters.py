"""How much a counter grew in a window, from its raw samples, as bounds that hold.

increase() is of no use here: it extrapolates (5.12 turns for 5) and gives nothing for the first
value of a series (0 for the first 7 turns). Times are seconds since the Unix epoch.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Bounds:
    """A number known to lie between two. upper None: nothing is known above."""

    lower: int
    upper: int | None
    why: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        return self.lower == self.upper

    def meets(self, other: "Bounds") -> bool:
        """Whether one number could satisfy both."""
        below = other.upper is None or self.lower <= other.upper
        above = self.upper is None or other.lower <= self.upper
        return below and above

    def __add__(self, other: "Bounds") -> "Bounds":
        known = self.upper is not None and other.upper is not None
        upper = (self.upper or 0) + (other.upper or 0) if known else None
        why = tuple(dict.fromkeys(self.why + other.why))
        return Bounds(self.lower + other.lower, upper, why)

    def __str__(self) -> str:
        if self.exact:
            return str(self.lower)
        return (
            f"{self.lower} to {self.upper}" if self.upper is not None else f"{self.lower} or more"
        )


ZERO = Bounds(0, 0)


@dataclass(frozen=True, slots=True)
class Window:
    """start <= t < end, with the seconds that clocks and stores may differ by about an edge."""

    start: float
    end: float
    guard: float = 1.0

    def surely_holds(self, at: float) -> bool:
        return self.start + self.guard <= at < self.end - self.guard

    def may_hold(self, at: float) -> bool:
        return self.start - self.guard <= at < self.end + self.guard


def growth(points: Sequence[Point], window: Window) -> Bounds:
    """Bounds on what one counter series counted inside the window.

    points: its samples, earliest first, from well before the window to well after it. A sample
    tells what was counted up to its time, so the lower bound is taken between the first and the
    last sample inside the window, the upper between the last before and the first after it.
    """
    if not points:
        return ZERO
    totals, resets = _without_resets(points)
    # A series is created at 0: without a sample from before the window it began there.
    floor = _last(totals, window.start - window.guard) or 0.0
    ceiling = _first(totals, window.end + window.guard)
    inside_first = _first(totals, window.start + window.guard)
    inside_last = _last(totals, window.end - window.guard)
    lower = 0.0
    if inside_first is not None and inside_last is not None:
        lower = max(0.0, inside_last - inside_first)
    upper = max(lower, (totals[-1][1] if ceiling is None else ceiling) - floor)
    if lost := _losses(points, resets, window, ended=ceiling is None):
        return Bounds(round(lower), None, lost)
    why = () if lower == upper else (_why_apart(points, window),)
    return Bounds(round(lower), round(upper), why)


def total_growth(series: Iterable[Sequence[Point]], window: Window) -> Bounds:
    """The bounds of several series together, the replicas of one service for example."""
    return sum((growth(points, window) for points in series), ZERO)


def _losses(
    points: Sequence[Point], resets: Sequence[float], window: Window, *, ended: bool
) -> tuple[str, ...]:
    """Why the counter may have counted more than any sample tells."""
    lost = [
        f"a counter was reset before {_clock(at)}: what came after its last scrape is lost"
        for at in resets
        if window.may_hold(at)
    ]
    last = points[-1][0]
    if ended and last >= window.start - window.guard:
        lost.append(f"a counter was last scraped at {_clock(last)}, before the window's end")
    return tuple(lost)


def _why_apart(points: Sequence[Point], window: Window) -> str:
    at, value = points[0]
    if value > 0 and at > window.start - window.guard:
        return f"a counter stood at {value:g} when it was first scraped, at {_clock(at)}"
    return "turns were counted close to the window's edge"


def _without_resets(points: Sequence[Point]) -> tuple[list[Point], list[float]]:
    """The points of a counter that never fell, and the times of the samples after each fall."""
    totals, resets, lost, previous = [], [], 0.0, 0.0
    for at, value in points:
        if value < previous:
            resets.append(at)
            lost += previous
        totals.append((at, value + lost))
        previous = value
    return totals, resets


def _last(points: Sequence[Point], until: float) -> float | None:
    return next((value for at, value in reversed(points) if at <= until), None)


def _first(points: Sequence[Point], since: float) -> float | None:
    return next((value for at, value in points if at >= since), None)


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S UTC")
