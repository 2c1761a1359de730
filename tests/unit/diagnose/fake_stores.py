"""Four stores in memory and a clock that stands still. Times are seconds since the Unix epoch."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from turnscope.diagnose.clock import Clock
from turnscope.stores import Stores
from turnscope.stores.loki import LogLine
from turnscope.stores.model import FoundSpan, Trace
from turnscope.stores.prometheus import Exemplar, Series
from turnscope.stores.warehouse import AnsweredTurn

NOW = 100_000.0
NS = 10**9


@dataclass
class StillClock:
    """Time moves only when somebody sleeps."""

    at: float = NOW
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.at, sleep=self.sleep)


@dataclass
class FakeStores:
    """What each store holds; `turn` puts a turn into all of them but those named."""

    answers: list[AnsweredTurn] = field(default_factory=list)
    finished: dict[str, list[float]] = field(default_factory=dict)
    refused: dict[str, list[float]] = field(default_factory=dict)
    lines: list[LogLine] = field(default_factory=list)
    found: list[FoundSpan] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)
    exemplars: list[Exemplar] = field(default_factory=list)
    scraped_until: float = 2 * NOW

    def turn(
        self,
        turn_id: str,
        at: float,
        outcome: str = "answered",
        missing: str = "",
        seconds: float = 0.5,
    ) -> None:
        if "warehouse" not in missing and outcome != "failed":
            self.answers.append(AnsweredTurn(turn_id, "s", 1, datetime.fromtimestamp(at, UTC)))
        if "metrics" not in missing:
            self.finished.setdefault(outcome, []).append(at)
        if "logs" not in missing:
            labels = {"event_name": "turn_finished", "turn_id": turn_id, "outcome": outcome}
            self.lines.append(LogLine(int(at * NS), "turn_finished", labels))
        if "traces" not in missing:
            attributes = {"conversation.turn.outcome": outcome, "conversation.turn.id": turn_id}
            times = (int((at - seconds) * NS), int(at * NS))
            self.found.append(FoundSpan(turn_id, "1", "gateway", "x", *times, attributes))

    def open(self, search_lag_seconds: float = 0.0) -> Stores:
        metrics: Any = SimpleNamespace(
            raw=self._raw, exemplars=self._exemplars, url="http://127.0.0.1:9090"
        )
        logs: Any = SimpleNamespace(lines=self._lines, url="http://127.0.0.1:3100")
        by_id = {trace.trace_id: trace for trace in self.traces}
        traces: Any = SimpleNamespace(
            name="Jaeger",
            url="http://127.0.0.1:16686",
            search_lag_seconds=search_lag_seconds,
            get=by_id.get,
            search=self._search,
        )
        warehouse: Any = SimpleNamespace(answered_turns=self._answered)
        return Stores(metrics, logs, traces, warehouse)

    def _answered(self, start: datetime, end: datetime) -> list[AnsweredTurn]:
        return [turn for turn in self.answers if start <= turn.finished_at < end]

    def _lines(self, query: str, start_ns: int, end_ns: int) -> list[LogLine]:
        inside = [line for line in self.lines if start_ns <= line.timestamp_ns < end_ns]
        if "turn_finished" in query:
            return [line for line in inside if "event_name" in line.labels]
        return [line for line in inside if line.labels.get("trace_id", "-") in query]

    def _search(
        self, start_ns: int, end_ns: int, attributes: object, select: object
    ) -> list[FoundSpan]:
        return [span for span in self.found if start_ns <= span.start_ns < end_ns]

    def _raw(self, metric: str, start: float, end: float) -> list[Series]:
        label, events = {
            "conversation_turns_total": ("outcome", self.finished),
            "conversation_requests_refused_total": ("reason", self.refused),
        }[metric]
        last = min(end, self.scraped_until)
        scrapes = [start + 2 * n + 0.7 for n in range(int((last - start) / 2))]
        return [
            Series(
                {"__name__": metric, label: value},
                tuple((at, float(sum(each <= at for each in times))) for at in scrapes),
            )
            for value, times in events.items()
        ]

    def _exemplars(self, query: str, start: float, end: float) -> list[Exemplar]:
        return [exemplar for exemplar in self.exemplars if start <= exemplar.at <= end]
