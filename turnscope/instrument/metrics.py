"""Instruments by the name they have in the contract, over prometheus-client.

Labels stay inside their bound whatever a caller passes: a value outside it is counted as "other".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from itertools import product
from math import prod

import prometheus_client
from prometheus_client.registry import CollectorRegistry

from turnscope.contract import Contract, LabelBound, Metric
from turnscope.contract.reader import OTHER
from turnscope.instrument.exemplars import ExemplarGovernor

# Longer or odder values than this are data, not names of something we know.
_PLAUSIBLE = re.compile(r"[A-Za-z0-9_][\w./:{}+@-]{0,63}|/[\w./:{}-]{0,63}")
# Label sets are created at 0 up to this many; a metric with more gets them as they come.
_MOST_CREATED_AT_ZERO = 64


class BoundedLabel:
    """Maps whatever a caller passes to one of a bounded set of values."""

    def __init__(self, bound: LabelBound) -> None:
        self._fixed = bool(bound.values)
        self._known = set(bound.values)
        self._room = bound.at_most

    def value(self, given: object) -> str:
        """`given` as text if it is within the bound, else "other"."""
        text = str(given)
        if text in self._known:
            return text
        if self._fixed or len(self._known) >= self._room or not _PLAUSIBLE.fullmatch(text):
            return OTHER
        self._known.add(text)
        return text


class _Instrument:
    """What the three kinds share: bounded labels and their prometheus-client metric."""

    def __init__(self, declared: Metric) -> None:
        self._labels = {name: BoundedLabel(bound) for name, bound in declared.labels.items()}
        self._names = tuple(self._labels)

    def _values(self, labels: dict[str, object]) -> tuple[str, ...]:
        if labels.keys() != self._labels.keys():
            raise ValueError(f"labels {sorted(labels)} given, {sorted(self._names)} declared")
        return tuple(bounded.value(labels[name]) for name, bounded in self._labels.items())


class Counter(_Instrument):
    """Counts; label sets of listed values exist at 0 from the start: no rise is missed."""

    def __init__(self, declared: Metric, registry: CollectorRegistry) -> None:
        super().__init__(declared)
        name = declared.name.removesuffix("_total")
        self._metric = prometheus_client.Counter(name, declared.why, self._names, registry=registry)
        for values in _listed_label_sets(declared):
            self._metric.labels(*values)

    def inc(self, amount: float = 1.0, **labels: object) -> None:
        """Add `amount` to the series with these labels."""
        values = self._values(labels)
        (self._metric.labels(*values) if values else self._metric).inc(amount)


class Histogram(_Instrument):
    """Observes values in the declared unit, with exemplars as the governor allows."""

    def __init__(
        self, declared: Metric, registry: CollectorRegistry, governor: ExemplarGovernor
    ) -> None:
        super().__init__(declared)
        self._name = declared.name
        self._buckets = declared.buckets
        self._governor = governor
        self._metric = prometheus_client.Histogram(
            declared.name, declared.why, self._names, buckets=declared.buckets, registry=registry
        )
        for values in _listed_label_sets(declared):
            self._metric.labels(*values)

    def observe(self, value: float, **labels: object) -> None:
        """Record one value; the current span becomes its exemplar if the governor offers it."""
        values = self._values(labels)
        exemplar = self._governor.offer(self._name, values, bisect_left(self._buckets, value))
        (self._metric.labels(*values) if values else self._metric).observe(value, exemplar)


class Gauge(_Instrument):
    """Holds the present value."""

    def __init__(self, declared: Metric, registry: CollectorRegistry) -> None:
        super().__init__(declared)
        self._metric = prometheus_client.Gauge(
            declared.name, declared.why, self._names, registry=registry
        )

    def set(self, value: float, **labels: object) -> None:
        """Replace the value of the series with these labels."""
        values = self._values(labels)
        (self._metric.labels(*values) if values else self._metric).set(value)


def _listed_label_sets(declared: Metric) -> Iterable[tuple[str, ...]]:
    bounds = declared.labels.values()
    if not bounds or not all(bound.values for bound in bounds):
        return ()
    if prod(len(bound.values) for bound in bounds) > _MOST_CREATED_AT_ZERO:
        return ()
    return product(*(bound.values for bound in bounds))


class Instruments:
    """Hands out each declared instrument once a registry."""

    def __init__(
        self, contract: Contract, registry: CollectorRegistry, governor: ExemplarGovernor
    ) -> None:
        self._contract = contract
        self._registry = registry
        self._governor = governor
        self._made: dict[str, Counter | Histogram | Gauge] = {}

    def get(self, name: str, kind: str) -> Counter | Histogram | Gauge:
        """The instrument `name`; KeyError if the contract does not declare it as `kind`."""
        if name not in self._made:
            declared = self._contract.metrics.get(name)
            if declared is None or declared.type != kind:
                raise KeyError(
                    f"{name} is not declared as a {kind} in turnscope/contract/contract.yaml"
                )
            self._made[name] = self._make(declared)
        return self._made[name]

    def _make(self, declared: Metric) -> Counter | Histogram | Gauge:
        if declared.type == "counter":
            return Counter(declared, self._registry)
        if declared.type == "histogram":
            return Histogram(declared, self._registry, self._governor)
        return Gauge(declared, self._registry)
