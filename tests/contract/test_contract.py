"""Code and contract name the same things."""

from __future__ import annotations

import pytest
from source_names import first_words, log_fields, mentions

from turnscope.contract import read_contract

pytestmark = pytest.mark.contract

CONTRACT = read_contract()
# Prometheus multiplies every label set by its histogram's buckets; this many series a metric and
# process is what one small Prometheus carries without noticing.
MOST_SERIES = 150_000


@pytest.mark.parametrize("kind", ["counter", "histogram", "gauge"])
def test_every_instrument_that_code_takes_is_declared_as_that_kind(kind: str) -> None:
    for name, files in first_words(kind).items():
        assert name in CONTRACT.metrics, f"{name} in {files} is not declared"
        assert CONTRACT.metrics[name].type == kind, f"{name} in {files}"


def test_every_declared_metric_is_used() -> None:
    used = first_words("counter", "histogram", "gauge")

    assert set(CONTRACT.metrics) - set(used) == set()


def test_every_event_that_code_emits_is_declared() -> None:
    assert set(first_words("emit", "_emit")) - set(CONTRACT.events) == set()


def test_every_span_that_code_opens_is_declared() -> None:
    opened = first_words("start_as_current_span", "start_span")

    assert set(opened) - set(CONTRACT.spans) == set()


def test_every_declared_span_is_opened() -> None:
    for name in CONTRACT.spans:
        start = name.split("{")[0]
        assert mentions(name) or start != name, f"no code opens {name}"


def test_every_field_of_a_plain_log_line_is_declared() -> None:
    declared = set(CONTRACT.attributes) | {f for e in CONTRACT.events.values() for f in e.fields}

    for field, files in log_fields().items():
        assert field in declared, f"log field {field} in {files} is not declared"


def test_every_span_attribute_that_code_sets_is_declared() -> None:
    for name, files in first_words("set_attribute").items():
        assert name in CONTRACT.attributes, f"attribute {name} in {files} is not declared"


def test_every_attribute_of_a_declared_span_is_declared() -> None:
    for name, span in CONTRACT.spans.items():
        for attribute in span["attributes"]:
            assert attribute in CONTRACT.attributes, f"{attribute} of {name}"


def test_no_metric_can_grow_without_bound() -> None:
    for metric in CONTRACT.metrics.values():
        series = max(1, len(metric.buckets) + 3)
        for label, bound in metric.labels.items():
            assert bound.limit > 0, f"{label} of {metric.name} has no bound"
            series *= bound.limit
        assert series < MOST_SERIES, f"{metric.name} may have {series} series"


@pytest.mark.parametrize("identity", ["session_id", "turn_id", "user_id", "trace_id", "source_id"])
def test_no_identity_is_a_label(identity: str) -> None:
    assert all(identity not in metric.labels for metric in CONTRACT.metrics.values())


def test_names_carry_their_unit() -> None:
    for metric in CONTRACT.metrics.values():
        assert (metric.type == "counter") == metric.name.endswith("_total"), metric.name
        if metric.unit == "s":
            assert metric.name.removesuffix("_total").endswith("_seconds"), metric.name


def test_every_figure_names_one_source_that_exists() -> None:
    for name, figure in CONTRACT.figures.items():
        source = figure["source"]
        assert source in CONTRACT.metrics or source in CONTRACT.raw["derived_metrics"], name
