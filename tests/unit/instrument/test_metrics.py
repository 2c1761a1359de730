"""Instruments stay inside the contract, and exemplars keep their promise."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.exposition import generate_latest

from turnscope.contract import LabelBound, read_contract
from turnscope.instrument import Telemetry
from turnscope.instrument.exemplars import ExemplarGovernor
from turnscope.instrument.metrics import BoundedLabel, Histogram

pytestmark = pytest.mark.unit


def test_listed_label_sets_exist_at_zero_before_the_first_turn() -> None:
    telemetry = Telemetry.in_memory("gateway")
    telemetry.counter("conversation_turns_total")

    for outcome in ("answered", "degraded", "failed"):
        value = telemetry.registry.get_sample_value(
            "conversation_turns_total", {"outcome": outcome}
        )
        assert value == 0


def test_a_value_outside_a_listed_bound_is_counted_as_other() -> None:
    telemetry = Telemetry.in_memory("gateway")

    telemetry.counter("conversation_turns_total").inc(outcome="surprising")

    labels = {"outcome": "other"}
    assert telemetry.registry.get_sample_value("conversation_turns_total", labels) == 1


def test_an_open_set_stops_growing_at_its_bound() -> None:
    label = BoundedLabel(LabelBound(values_from="routes", at_most=3))

    seen = {label.value(f"v{number}") for number in range(500)}

    assert seen == {"v0", "v1", "v2", "other"}


@pytest.mark.parametrize("hostile", ["", "a b", "x" * 65, 'x"} 1', "línea\n"])
def test_a_value_that_is_no_name_is_counted_as_other(hostile: str) -> None:
    assert BoundedLabel(LabelBound(values_from="intents", at_most=9)).value(hostile) == "other"


def test_wrong_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="declared"):
        Telemetry.in_memory("gateway").counter("conversation_turns_total").inc(colour="red")


def test_an_undeclared_metric_is_refused_with_the_place_to_declare_it() -> None:
    with pytest.raises(KeyError, match=r"contract\.yaml"):
        Telemetry.in_memory("gateway").counter("made_up_total")


def test_a_series_and_bucket_offers_one_exemplar_an_interval() -> None:
    now = [0.0]
    governor = ExemplarGovernor(2.0, clock=lambda: now[0])
    tracer = TracerProvider().get_tracer("test")

    with tracer.start_as_current_span("turn"):
        assert governor.offer("m", ("answered",), 3)
        assert governor.offer("m", ("answered",), 3) is None
        assert governor.offer("m", ("answered",), 4)
        now[0] = 2.0
        assert governor.offer("m", ("answered",), 3)


def test_only_a_span_that_was_offered_is_marked() -> None:
    telemetry = Telemetry.in_memory("gateway")
    histogram = telemetry.histogram("conversation_turn_first_token_seconds")
    with telemetry.tracer.start_as_current_span("observed"):
        histogram.observe(0.2)
    with telemetry.tracer.start_as_current_span("silent"):
        pass

    marks = {s.name: s.attributes.get("conversation.exemplar") for s in telemetry.spans()}
    assert marks == {"observed": True, "silent": None}


def test_a_span_that_is_not_sampled_is_no_exemplar() -> None:
    registry = CollectorRegistry()
    declared = read_contract().metrics["conversation_turn_first_token_seconds"]
    histogram = Histogram(declared, registry, ExemplarGovernor(0))

    with TracerProvider(sampler=ALWAYS_OFF).get_tracer("test").start_as_current_span("turn"):
        histogram.observe(0.2)

    assert b"trace_id" not in generate_latest(registry)
