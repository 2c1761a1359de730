"""What four stores say about the same turns, compared. Pure: the stores are read elsewhere.

Every store stamps a turn by its own clock and a little apart, so each count is a pair of bounds:
turns surely inside the window, and turns perhaps inside it. About a quiet edge both are equal and
the comparison is exact.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from turnscope.diagnose.counters import Bounds, Window

WITH_ANSWER = ("answered", "degraded")
OUTCOMES = (*WITH_ANSWER, "failed")

WAREHOUSE = "answers stored (PostgreSQL)"
COUNTED = "turns counted (Prometheus)"
EVENTS = "turn_finished events (Loki)"
TRACES = "root traces"


@dataclass(frozen=True, slots=True)
class SeenTurn:
    """One turn as one store knows it. outcome None: the store does not tell."""

    turn_id: str
    finished_at: float
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that one store has and another lacks. turn_ids: which, where that is known."""

    sentence: str
    turn_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. None: the store does not tell."""

    source: str
    with_answer: Bounds | None
    failed: Bounds | None
    total: Bounds | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was read of the four stores; `counted` is by outcome."""

    answers: Sequence[SeenTurn]
    counted: Mapping[str, Bounds]
    events: Sequence[SeenTurn]
    traces: Sequence[SeenTurn]
    all_traces_kept: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of an audit. `why_inexact` is empty when the counts are exact."""

    rows: tuple[Row, ...]
    differences: tuple[Difference, ...]
    why_inexact: tuple[str, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def exact(self) -> bool:
        return not self.why_inexact

    @property
    def turns(self) -> Bounds:
        return next(row.total for row in self.rows if row.source == EVENTS and row.total)


def compare(evidence: Evidence, window: Window) -> Verdict:
    """The table, what is missing where, and why a count is only bounded if it is."""
    rows = (
        Row(WAREHOUSE, bounds(evidence.answers, window), None, None),
        _counted_row(evidence.counted),
        _row(EVENTS, evidence.events, window),
        _row(TRACES, evidence.traces, window),
    )
    differences = [
        *_counts_that_differ(evidence, window),
        *_turns_that_are_missing(evidence, window),
    ]
    return Verdict(rows, tuple(differences), _why_inexact(evidence, rows), _notes(evidence, window))


def bounds(turns: Iterable[SeenTurn], window: Window) -> Bounds:
    """How many of the turns are surely, and how many perhaps, inside the window."""
    times = [turn.finished_at for turn in turns]
    return Bounds(sum(map(window.surely_holds, times)), sum(map(window.may_hold, times)))


def _counts_that_differ(evidence: Evidence, window: Window) -> Iterable[Difference]:
    for outcome in OUTCOMES:
        counted = evidence.counted.get(outcome, Bounds(0, 0))
        events = bounds((turn for turn in evidence.events if turn.outcome == outcome), window)
        if not counted.meets(events):
            yield Difference(
                f"Prometheus counted {counted} turns as {outcome}, Loki has {events} such events"
            )


def _turns_that_are_missing(evidence: Evidence, window: Window) -> Iterable[Difference]:
    answered = [turn for turn in evidence.events if turn.outcome != "failed"]
    pairs = [
        (WAREHOUSE, evidence.answers, EVENTS, evidence.events),
        (EVENTS, answered, WAREHOUSE, evidence.answers),
        (TRACES, evidence.traces, EVENTS, evidence.events),
    ]
    if evidence.all_traces_kept:
        pairs.append((EVENTS, evidence.events, TRACES, evidence.traces))
    for here, having, there, lacking in pairs:
        surely = {turn.turn_id for turn in having if window.surely_holds(turn.finished_at)}
        perhaps = {turn.turn_id for turn in lacking if window.may_hold(turn.finished_at)}
        if missing := sorted(surely - perhaps):
            noun = "turn" if len(missing) == 1 else "turns"
            sentence = f"{len(missing)} {noun} of {here} not among {there}"
            yield Difference(sentence, tuple(missing))


def _why_inexact(evidence: Evidence, rows: Iterable[Row]) -> tuple[str, ...]:
    why = [reason for counted in evidence.counted.values() for reason in counted.why]
    known = [row.total or row.with_answer for row in rows if row.source != TRACES]
    if not why and any(each is not None and not each.exact for each in known):
        why.append("turns finished close to the window's edge")
    if not evidence.all_traces_kept:
        why.append("traces are sampled: only turns of errors, slow turns and a share are kept")
    return tuple(dict.fromkeys(why))


def _notes(evidence: Evidence, window: Window) -> tuple[str, ...]:
    notes = []
    failed = {turn.turn_id for turn in evidence.events if turn.outcome == "failed"}
    inside = [turn for turn in evidence.answers if window.surely_holds(turn.finished_at)]
    if unseen := sum(turn.turn_id in failed for turn in inside):
        notes.append(f"{unseen} answers were stored and never reached the client: failed turns")
    for source, turns in ((EVENTS, evidence.events), (TRACES, evidence.traces)):
        seen = Counter(turn.turn_id for turn in turns if window.surely_holds(turn.finished_at))
        if repeated := sum(times - 1 for times in seen.values()):
            notes.append(f"{repeated} of the {source} repeat a turn id: the client sent it again")
    return tuple(notes)


def _counted_row(counted: Mapping[str, Bounds]) -> Row:
    by_outcome = [counted.get(outcome, Bounds(0, 0)) for outcome in OUTCOMES]
    answered, degraded, failed = by_outcome
    return Row(COUNTED, answered + degraded, failed, answered + degraded + failed)


def _row(source: str, turns: Sequence[SeenTurn], window: Window) -> Row:
    failed = [turn for turn in turns if turn.outcome == "failed"]
    others = [turn for turn in turns if turn.outcome != "failed"]
    return Row(source, bounds(others, window), bounds(failed, window), bounds(turns, window))
