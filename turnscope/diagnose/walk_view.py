"""The chain of a walk on a terminal: the number, the waterfall, the log lines."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from turnscope.diagnose.chain import METRIC, Chain
from turnscope.diagnose.walk_data import NS_PER_MS, NS_PER_S, iso
from turnscope.diagnose.waterfall import Line, bar, error_of, statement_of, target_of, waterfall_of
from turnscope.stores.loki import LogLine
from turnscope.stores.model import Trace
from turnscope.stores.prometheus import Exemplar

COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "bright_red")
# Labels of the histogram that say nothing about the turn.
UNTOLD_LABELS = {"__name__", "le"}
# A trace longer than this is cut: nobody reads it in a terminal.
LINES_SHOWN = 300
TIME_WIDTH = 8
GAP = 2
SHORTEST_BAR = 12


def print_chain(console: Console, chain: Chain) -> None:
    """All of the chain that was found, then what is missing of it."""
    if chain.number is not None:
        _print_number(console, chain.number)
    if chain.trace is not None:
        if chain.number is None:
            console.print("No exemplar names this trace; few turns are offered as one.")
        marked = chain.number.span_id if chain.number else None
        _print_trace(console, chain.trace, marked)
    if chain.lines:
        _print_lines(console, chain.lines)
    for missing in chain.missing:
        console.print(Text(str(missing), "bold red"))


def _print_number(console: Console, number: Exemplar) -> None:
    labels = ", ".join(
        f'{key}="{value}"'
        for key, value in sorted(number.series.items())
        if key not in UNTOLD_LABELS
    )
    console.print(Text("The number", "bold"))
    console.print(f"  {METRIC}{{{labels}}}", markup=False, highlight=False)
    console.print(f"  {number.value:.3f} s at {iso(number.at)}", markup=False)


def _print_trace(console: Console, trace: Trace, marked: str | None) -> None:
    waterfall = waterfall_of(trace)
    services = sorted({span.service for span in trace.spans})
    colours = {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(services)}
    console.print()
    console.print(
        Text.assemble(
            ("Its trace ", "bold"),
            f"{trace.trace_id}  {iso(trace.start_ns / NS_PER_S)}  "
            f"{len(trace.spans)} spans of {len(services)} services",
        )
    )
    left_over = console.width - 3 * (TIME_WIDTH + GAP) - 2 * GAP
    width = max(SHORTEST_BAR, left_over // 3)
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), show_header=True)
    table.add_column("  span", width=left_over - width, no_wrap=True, overflow="ellipsis")
    table.add_column("", width=width, no_wrap=True)
    for heading in ("start ms", "took ms", "self ms"):
        table.add_column(heading, justify="right", no_wrap=True, width=TIME_WIDTH)
    for line in waterfall.lines[:LINES_SHOWN]:
        colour = "red" if line.span.failed else colours[line.span.service]
        drawn = bar(line.offset_ns, line.duration_ns, waterfall.total_ns, width)
        times = (line.offset_ns, line.duration_ns, line.self_ns)
        table.add_row(
            _name(line, colour, marked),
            Text(drawn, colour),
            *(f"{time_ns / NS_PER_MS:.1f}" for time_ns in times),
        )
    console.print(table)
    if (more := len(waterfall.lines) - LINES_SHOWN) > 0:
        console.print(f"  and {more} more spans; --json gives all")
    if not trace.complete:
        console.print(
            "A span marked ? names a parent that is not stored: still on its way, dropped, "
            "or a caller's outside of these services.",
            style="yellow",
        )


def _name(line: Line, colour: str, marked: str | None) -> Text:
    span = line.span
    name = Text("◆ " if span.span_id == marked else "  ", "bold")
    name.append("  " * line.depth)
    name.append("? " if line.orphan else "")
    name.append(span.service, colour)
    name.append(f" {span.name}")
    if error := error_of(span):
        name.append(f" ✗ {error}", "bold red")
    if line.shift_ns:
        name.append(f" (clock off by {-line.shift_ns / NS_PER_MS:+.1f} ms)", "dim")
    if detail := statement_of(span) or target_of(span):
        name.append(f"  {detail}", "dim")
    return name


def _print_lines(console: Console, lines: Sequence[LogLine]) -> None:
    console.print()
    console.print(Text(f"Its {len(lines)} log lines", "bold"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for line in lines:
        at = iso(line.timestamp_ns / NS_PER_S)[11:23]
        level = Text(line.level, "red" if line.level in {"ERROR", "FATAL"} else "")
        table.add_row(f"  {at}", Text(line.service), level, Text(line.body))
    console.print(table)
