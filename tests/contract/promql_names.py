"""Which metrics and labels a PromQL expression reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import promql_parser

# Grafana's own variables stand where PromQL wants a length of time.
_VARIABLES = {"$__rate_interval": "1m", "$__interval": "1m", "$__range": "1h"}
_CHILDREN = ("lhs", "rhs", "expr", "param", "args", "vector_selector")


def nodes(expression: str) -> Iterator[Any]:
    """Every node of the parsed expression; ValueError where it is no PromQL."""
    for variable, length in _VARIABLES.items():
        expression = expression.replace(variable, length)
    pending = [promql_parser.parse(expression)]
    while pending:
        node = pending.pop()
        yield node
        for name in _CHILDREN:
            child = getattr(node, name, None)
            pending += child if isinstance(child, list) else [child]
        pending = [each for each in pending if each is not None and not isinstance(each, str)]


def metrics_and_labels(expression: str) -> tuple[set[str], set[str]]:
    """Names of the metrics selected, and of the labels matched or grouped by."""
    metrics: set[str] = set()
    labels: set[str] = set()
    for node in nodes(expression):
        if type(node).__name__ == "VectorSelector":
            metrics.add(node.name)
            labels |= {matcher.name for matcher in node.matchers.matchers}
        modifier = getattr(node, "modifier", None)
        labels |= set(getattr(modifier, "labels", None) or ())
    return metrics, labels
