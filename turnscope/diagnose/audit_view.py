"""An audit's verdict for a terminal, and as data."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from turnscope.diagnose.audit_compare import Verdict
from turnscope.diagnose.counters import Bounds, Window

IDS_SHOWN = 10


def print_verdict(
    console: Console, verdict: Verdict, refused: Mapping[str, Bounds], window: Window
) -> None:
    """The table, the differences with their turn ids, and the verdict in one line."""
    console.print(f"Turns from {_iso(window.start)} to {_iso(window.end)}", highlight=False)
    console.print(_table(verdict))
    if refused:
        reasons = ", ".join(f"{reason} {count}" for reason, count in refused.items())
        console.print(f"Requests refused, which are no turns: {reasons}", markup=False)
    for note in verdict.notes:
        console.print(f"Note: {note}.", markup=False)
    for reason in verdict.why_inexact:
        console.print(Text(f"Bounds only: {reason}.", "yellow"))
    for difference in verdict.differences:
        console.print(Text(f"Difference: {difference.sentence}.", "red"))
        for turn_id in difference.turn_ids[:IDS_SHOWN]:
            console.print(f"  {turn_id}", markup=False, highlight=False)
        if (more := len(difference.turn_ids) - IDS_SHOWN) > 0:
            console.print(f"  and {more} more")
    console.print(_conclusion(verdict))


def as_data(verdict: Verdict, refused: Mapping[str, Bounds], window: Window) -> dict[str, Any]:
    """The same for programs; a count is {lower, upper}, upper null where it is not known."""
    return {
        "start": _iso(window.start),
        "end": _iso(window.end),
        "agrees": not verdict.differences,
        "exact": verdict.exact,
        "why_inexact": list(verdict.why_inexact),
        "counts": {
            row.source: {
                "with_answer": _bounds(row.with_answer),
                "failed": _bounds(row.failed),
                "total": _bounds(row.total),
            }
            for row in verdict.rows
        },
        "refused": {reason: _bounds(count) for reason, count in refused.items()},
        "differences": [
            {"what": difference.sentence, "turn_ids": list(difference.turn_ids)}
            for difference in verdict.differences
        ],
        "notes": list(verdict.notes),
    }


def _table(verdict: Verdict) -> Table:
    table = Table()
    table.add_column("where")
    for heading in ("with an answer", "failed", "all"):
        table.add_column(heading, justify="right")
    for row in verdict.rows:
        cells = (
            "" if each is None else str(each) for each in (row.with_answer, row.failed, row.total)
        )
        table.add_row(row.source, *cells)
    return table


def _conclusion(verdict: Verdict) -> Text:
    if verdict.differences:
        return Text("The stores do not agree.", "bold red")
    if verdict.turns.upper == 0:
        return Text("No turn finished in this window, so nothing was compared.", "yellow")
    if not verdict.exact:
        return Text("The stores agree as far as these bounds can tell.", "yellow")
    return Text("The stores agree, turn by turn.", "bold green")


def _bounds(count: Bounds | None) -> dict[str, int | None] | None:
    return None if count is None else {"lower": count.lower, "upper": count.upper}


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(sep=" ", timespec="seconds")
