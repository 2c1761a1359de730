"""A trace as a tree, whatever is missing or wrong in it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from turnscope.stores.model import Span, Trace


@dataclass(frozen=True, slots=True)
class Tree:
    """Spans by their parents. `tops`: the roots, and spans whose parent is not stored."""

    tops: tuple[Span, ...]
    children: Mapping[str, tuple[Span, ...]]

    def parents_first(self) -> Iterator[tuple[Span, Span | None]]:
        """Each span with its parent, depth first, siblings by their start."""
        waiting: list[tuple[Span, Span | None]] = [(top, None) for top in reversed(self.tops)]
        while waiting:
            span, parent = waiting.pop()
            yield span, parent
            below = self.children.get(span.span_id, ())
            waiting.extend((child, span) for child in reversed(below))


def tree_of(trace: Trace) -> Tree:
    """The tree of a trace. Spans that name each other as parents in a ring start at the first."""
    by_id = trace.by_id
    tops: list[Span] = []
    children: dict[str, list[Span]] = {}
    reached: set[str] = set()
    for span in trace.spans:
        if span.parent_id is None or span.parent_id not in by_id:
            tops.append(span)
        else:
            children.setdefault(span.parent_id, []).append(span)
    tree = Tree(tuple(tops), {parent: tuple(below) for parent, below in children.items()})
    reached.update(span.span_id for span, _ in tree.parents_first())
    if len(reached) == len(by_id):
        return tree
    return _with_rings_cut(tree, trace, reached)


def _with_rings_cut(tree: Tree, trace: Trace, reached: set[str]) -> Tree:
    """The same tree with what hangs in rings, one ring after the other, as further tops."""
    tops, children = list(tree.tops), dict(tree.children)
    for span in trace.spans:
        if span.span_id in reached or span.parent_id is None:
            continue
        siblings = children[span.parent_id]
        children[span.parent_id] = tuple(each for each in siblings if each is not span)
        tops.append(span)
        ring = Tree((span,), children)
        reached.update(each.span_id for each, _ in ring.parents_first())
    return Tree(tuple(tops), children)
