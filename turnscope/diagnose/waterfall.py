"""The lines of a trace's waterfall: order, depth, place in time and self time. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from turnscope.diagnose.skew import Placed, place
from turnscope.diagnose.tree import Tree, tree_of
from turnscope.stores.model import Span, Trace

STATEMENT_KEYS = ("db.query.text", "db.statement")
STATEMENT_LENGTH = 72


@dataclass(frozen=True, slots=True)
class Line:
    """One span of a waterfall. Times are nanoseconds; `offset_ns` counts from the trace's start.

    self_ns: its duration less the time in which at least one of its children ran.
    shift_ns: by how much the span was moved because its service's clock differs.
    orphan: its parent is not in the trace.
    """

    span: Span
    depth: int
    offset_ns: int
    self_ns: int
    shift_ns: int
    orphan: bool

    @property
    def duration_ns(self) -> int:
        return self.span.duration_ns


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The lines from top to bottom, and the whole time they cover."""

    lines: tuple[Line, ...]
    total_ns: int


def waterfall_of(trace: Trace) -> Waterfall:
    """The waterfall of a trace that has at least one span."""
    tree = tree_of(trace)
    placed = place(tree)
    begin = min(each.start_ns for each in placed.values())
    depths: dict[str, int] = {}
    lines = []
    for span, parent in tree.parents_first():
        depth = 0 if parent is None else depths[parent.span_id] + 1
        depths[span.span_id] = depth
        lines.append(_line(span, depth, begin, placed, tree))
    return Waterfall(tuple(lines), max(each.end_ns for each in placed.values()) - begin)


def self_time(span: Placed, children: Iterable[Placed]) -> int:
    """The part of the span's duration in which none of its children ran.

    Children that run side by side are counted once, and none beyond the span's own ends.
    """
    covered = 0
    reached = span.start_ns
    for child in sorted(children, key=lambda child: child.start_ns):
        start = max(child.start_ns, reached)
        end = min(child.end_ns, span.end_ns)
        if end > start:
            covered += end - start
            reached = end
    return span.end_ns - span.start_ns - covered


def bar(offset_ns: int, duration_ns: int, total_ns: int, width: int) -> str:
    """A span's bar in `width` columns of a terminal; the shortest span still shows."""
    scale = width / total_ns if total_ns else 0
    left = min(int(offset_ns * scale), width - 1)
    length = min(max(1, round(duration_ns * scale)), width - left)
    return " " * left + "━" * length + " " * (width - left - length)


def statement_of(span: Span) -> str | None:
    """The span's database statement on one line, shortened; None where it has none."""
    for key in STATEMENT_KEYS:
        statement = span.attributes.get(key)
        if isinstance(statement, str):
            return shortened(statement, STATEMENT_LENGTH)
    return None


def target_of(span: Span) -> str | None:
    """Whom a call over HTTP went to, as host and path; None for any other span."""
    url = span.attributes.get("url.full")
    if span.kind != "client" or not isinstance(url, str):
        return None
    parts = urlsplit(url)
    return shortened(f"{parts.netloc}{parts.path}", STATEMENT_LENGTH)


def error_of(span: Span) -> str | None:
    """What went wrong in the span, as far as it says; None where nothing did."""
    if not span.failed:
        return None
    for event in span.events:
        if event.name == "exception":
            return str(event.attributes.get("exception.type", "exception"))
    return span.status_message or str(span.attributes.get("error.type", "error"))


def shortened(text: str, length: int) -> str:
    """The text on one line, its end replaced by three dots where it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _line(span: Span, depth: int, begin: int, placed: Mapping[str, Placed], tree: Tree) -> Line:
    here = placed[span.span_id]
    below: Sequence[Span] = tree.children.get(span.span_id, ())
    return Line(
        span=span,
        depth=depth,
        offset_ns=here.start_ns - begin,
        self_ns=self_time(here, [placed[child.span_id] for child in below]),
        shift_ns=here.shift_ns,
        orphan=depth == 0 and span.parent_id is not None,
    )
