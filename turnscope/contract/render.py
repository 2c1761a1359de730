"""The contract as a page for people."""

from __future__ import annotations

from collections.abc import Iterable

from turnscope.contract.reader import Contract, LabelBound, Metric

_HEAD = """# Telemetry

Every metric, span, log event and attribute that Turnscope's own code writes. Rendered from
`turnscope/contract/contract.yaml` by `make docs`; a test holds this page against it.
"""


def render_telemetry(contract: Contract) -> str:
    """docs/telemetry.md as one string."""
    parts = [
        _HEAD,
        _conventions(contract),
        _table(
            "Metrics",
            ("metric", "type", "unit", "labels (bound)", "owner", "why"),
            (
                (f"`{m.name}`", m.type, m.unit, _labels(m), m.owner, m.why)
                for m in contract.metrics.values()
            ),
        ),
        _table(
            "Metrics that the collector derives from spans",
            ("metric", "type", "labels", "why"),
            (
                (f"`{name}`", m["type"], ", ".join(m["labels"]), m["why"])
                for name, m in contract.raw["derived_metrics"].items()
            ),
        ),
        _table(
            "Log events",
            ("event", "fields", "owner", "why"),
            (
                (f"`{e.name}`", ", ".join(f"`{f}`" for f in e.fields), e.owner, e.why)
                for e in contract.events.values()
            ),
        ),
        _table(
            "Spans",
            ("span", "kind", "attributes", "owner", "why"),
            (
                (
                    f"`{name}`",
                    span["kind"],
                    ", ".join(f"`{a}`" for a in span.get("attributes", ())),
                    span["owner"],
                    span["why"],
                )
                for name, span in contract.spans.items()
            ),
        ),
        _table(
            "Attributes",
            ("attribute", "type", "carried by", "why"),
            (
                (f"`{name}`", a["type"], ", ".join(a["carried_by"]), a["why"])
                for name, a in contract.attributes.items()
            ),
        ),
        _table(
            "One source a figure",
            ("figure", "source"),
            ((name, f"`{figure['source']}`") for name, figure in contract.figures.items()),
        ),
    ]
    return "\n".join(parts)


def _conventions(contract: Contract) -> str:
    lines = [f"- {name}: {text}" for name, text in contract.raw["conventions"].items()]
    return "\n".join(["## Conventions", "", *lines, ""])


def _labels(metric: Metric) -> str:
    return "; ".join(f"`{name}`: {_bound(bound)}" for name, bound in metric.labels.items()) or "-"


def _bound(bound: LabelBound) -> str:
    if bound.values:
        return ", ".join(bound.values)
    return f"{bound.values_from}, at most {bound.at_most}"


def _table(title: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"## {title}", "", "| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(" ".join(cell.split()) for cell in row) + " |" for row in rows]
    return "\n".join([*lines, ""])
