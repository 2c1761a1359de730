"""Every PromQL query of rules and dashboards reads what the contract declares."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from promql_names import metrics_and_labels

from turnscope.contract import read_contract

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]
CONTRACT = read_contract()
# Set by the scrape and the resource, not by the metric's owner.
TARGET_LABELS = {
    "service_name", "job", "instance", "service_version", "deployment_environment_name", "le",
}  # fmt: skip


def rules() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((ROOT / "prometheus/rules").glob("*.yml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            for rule in group["rules"]:
                yield f"{path.name}:{rule.get('record') or rule.get('alert')}", rule


def panel_queries() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "grafana/dashboards").glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel.get("targets", ()):
                kind = (target.get("datasource") or panel.get("datasource") or {}).get("type")
                if kind == "prometheus":
                    yield f"{path.name}:{panel['title']}", target["expr"]


RECORDED = {rule["record"] for _, rule in rules() if "record" in rule}
QUERIES = [(name, rule["expr"]) for name, rule in rules()] + list(panel_queries())


def known_series() -> dict[str, set[str]]:
    """Series name -> its labels, for everything that the contract declares."""
    known: dict[str, set[str]] = {}
    declared = {name: (m.type, set(m.labels)) for name, m in CONTRACT.metrics.items()}
    for name, derived in CONTRACT.raw["derived_metrics"].items():
        declared[name] = (derived["type"], set(derived["labels"]))
    for name, (kind, labels) in declared.items():
        endings = ("_bucket", "_count", "_sum") if kind == "histogram" else ("",)
        known |= {name + ending: labels for ending in endings}
    return known


KNOWN = known_series()


def test_there_are_queries_to_hold_against_the_contract() -> None:
    assert len(QUERIES) > 20


@pytest.mark.parametrize(("where", "query"), QUERIES, ids=[name for name, _ in QUERIES])
def test_a_query_reads_only_declared_metrics_and_labels(where: str, query: str) -> None:
    metrics, labels = metrics_and_labels(query)

    assert metrics, where
    assert metrics - set(KNOWN) - RECORDED - {"up"} == set()
    allowed = TARGET_LABELS.union(*(KNOWN.get(metric, set()) for metric in metrics))
    if metrics & RECORDED:
        # What a recorded series carries comes from the labels its own rule groups by.
        allowed |= {label for labels_of in KNOWN.values() for label in labels_of}
    assert labels - allowed == set(), where
