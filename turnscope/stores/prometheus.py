"""Read client of Prometheus. Times given and returned are seconds since the Unix epoch."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from turnscope.stores.http import StoreHttp

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one series."""

    labels: Labels
    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Series:
    """A series and its (time, value) pairs, earliest first."""

    labels: Labels
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Exemplar:
    """An observation that names its trace. `series` has the labels of the series it belongs to."""

    series: Labels
    labels: Labels
    value: float
    at: float

    @property
    def metric(self) -> str:
        return self.series.get("__name__", "")

    @property
    def trace_id(self) -> str:
        return self.labels.get("trace_id", "")

    @property
    def span_id(self) -> str:
        return self.labels.get("span_id", "")


class Prometheus:
    """Queries over Prometheus' HTTP API. Every method raises StoreError when there is no answer."""

    name = "Prometheus"

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self.url = url
        self._http = StoreHttp(self.name, url, transport)

    def instant(self, query: str, at: float | None = None) -> list[Sample]:
        """The value of each series of `query` at one moment (now unless given)."""
        params = {"query": query} | ({} if at is None else {"time": _time(at)})
        answer = self._data("/api/v1/query", params)
        if answer["resultType"] == "scalar":
            return [_sample({}, answer["result"])]
        return [_sample(row["metric"], row["value"]) for row in answer["result"]]

    def range(self, query: str, start: float, end: float, step: float) -> list[Series]:
        """`query` evaluated every `step` seconds from start to end, both included."""
        params = {"query": query, "start": _time(start), "end": _time(end), "step": f"{step:g}"}
        return [_series(row) for row in self._data("/api/v1/query_range", params)["result"]]

    def raw(self, selector: str, start: float, end: float) -> list[Series]:
        """The samples as they were scraped, later than `start` and up to `end`.

        No function of PromQL is applied: increase() extrapolates and misses a series' first value.
        """
        length = max(1, math.ceil((end - start) * 1000))
        params = {"query": f"{selector}[{length}ms]", "time": _time(end)}
        rows = [_series(row) for row in self._data("/api/v1/query", params)["result"]]
        return [Series(row.labels, tuple(p for p in row.points if p[0] > start)) for row in rows]

    def exemplars(self, query: str, start: float, end: float) -> list[Exemplar]:
        """Exemplars of all series that `query` reads, observed from start to end."""
        params = {"query": query, "start": _time(start), "end": _time(end)}
        return [
            Exemplar(
                row["seriesLabels"], found["labels"], float(found["value"]), found["timestamp"]
            )
            for row in self._data("/api/v1/query_exemplars", params)
            for found in row["exemplars"]
        ]

    def series_count(self, selector: str = '{__name__=~".+"}') -> int:
        """How many series `selector` matches now (those with a sample in the last five minutes)."""
        counted = self.instant(f"count({selector})")
        return int(counted[0].value) if counted else 0

    def _data(self, path: str, params: Mapping[str, str]) -> Any:
        return self._http.get(path, dict(params))["data"]

    def close(self) -> None:
        self._http.close()


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"


def _sample(labels: Labels, pair: list[Any]) -> Sample:
    return Sample(labels, float(pair[0]), float(pair[1]))


def _series(row: Mapping[str, Any]) -> Series:
    return Series(row["metric"], tuple((float(at), float(value)) for at, value in row["values"]))
