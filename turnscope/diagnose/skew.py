"""Clocks of two machines differ; a child drawn before its parent began misleads. Pure.

Only a span of another service than its parent's is moved, together with all that is below it:
inside one process there is one clock, and a child that outlives its parent there really does so
(work left in the background).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from turnscope.diagnose.tree import Tree
from turnscope.stores.model import Span


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a span is drawn, and by how much that differs from its own clock (nanoseconds)."""

    start_ns: int
    end_ns: int
    shift_ns: int


def place(tree: Tree) -> Mapping[str, Placed]:
    """Start and end of every span by its root's clock, by span id."""
    placed: dict[str, Placed] = {}
    for span, parent in tree.parents_first():
        above = placed[parent.span_id] if parent is not None else None
        shift = above.shift_ns if above is not None else 0
        if parent is not None and above is not None and parent.service != span.service:
            shift += _correction(span, span.start_ns + shift, span.end_ns + shift, above)
        placed[span.span_id] = Placed(span.start_ns + shift, span.end_ns + shift, shift)
    return placed


def _correction(span: Span, start_ns: int, end_ns: int, above: Placed) -> int:
    """How far the span has to move to lie within its parent; 0 where nothing speaks for skew.

    Only a call that seems to begin before it was made, or after it was over, shows that the clocks
    differ. One that ends after its caller shows nothing: the server was still closing, or the
    caller gave up. A consumer works through what was left for it, after its parent by right.
    The span is centred, as the way there and the way back are taken to last the same; one longer
    than its parent begins with it.
    """
    if span.kind == "consumer" or above.start_ns <= start_ns <= above.end_ns:
        return 0
    room = (above.end_ns - above.start_ns) - (end_ns - start_ns)
    return above.start_ns + max(0, room) // 2 - start_ns
