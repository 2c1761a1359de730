"""Reads contract.yaml into frozen objects; nothing else in the project parses that file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

OTHER = "other"
"""The value that stands for everything outside a label's bound."""


@dataclass(frozen=True)
class LabelBound:
    """What a label may hold: the values listed, or the first `at_most` ones of a named set."""

    values: tuple[str, ...] = ()
    values_from: str | None = None
    at_most: int = 0

    @property
    def limit(self) -> int:
        """The number of distinct values this label can take, `other` included."""
        return len(self.values) if self.values else self.at_most + 1


@dataclass(frozen=True)
class Metric:
    """A metric as services declare it; `unit` is UCUM's, `name` the one Prometheus stores."""

    name: str
    type: str
    unit: str
    owner: str
    why: str
    labels: Mapping[str, LabelBound] = field(default_factory=dict)
    buckets: tuple[float, ...] = ()


@dataclass(frozen=True)
class Event:
    """A log event: a past-tense name, and the fields that a record of it may carry."""

    name: str
    owner: str
    why: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Contract:
    """The whole contract. `raw` keeps the parts that only documents and tests read."""

    metrics: Mapping[str, Metric]
    events: Mapping[str, Event]
    spans: Mapping[str, Mapping[str, Any]]
    attributes: Mapping[str, Mapping[str, Any]]
    figures: Mapping[str, Mapping[str, Any]]
    raw: Mapping[str, Any]


def _label_bound(declared: list[str] | dict[str, Any]) -> LabelBound:
    if isinstance(declared, list):
        return LabelBound(values=tuple(str(value) for value in declared))
    return LabelBound(values_from=declared["values_from"], at_most=int(declared["at_most"]))


def _metric(name: str, declared: dict[str, Any]) -> Metric:
    return Metric(
        name=name,
        type=declared["type"],
        unit=declared["unit"],
        owner=declared["owner"],
        why=declared["why"],
        labels={key: _label_bound(bound) for key, bound in declared.get("labels", {}).items()},
        buckets=tuple(declared.get("buckets", ())),
    )


@cache
def read_contract() -> Contract:
    """The packaged contract, read once a process."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = files("turnscope.contract").joinpath("contract.yaml").read_text(encoding="utf-8")
    raw: dict[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader either way
    return Contract(
        metrics={name: _metric(name, declared) for name, declared in raw["metrics"].items()},
        events={
            name: Event(name, declared["owner"], declared["why"], tuple(declared["fields"]))
            for name, declared in raw["events"].items()
        },
        spans=raw["spans"],
        attributes=raw["attributes"],
        figures=raw["figures"],
        raw=raw,
    )
