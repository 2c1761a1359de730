"""Read client of Loki. Times are nanoseconds since the Unix epoch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from turnscope.stores.http import StoreError, StoreHttp

# Loki's own limit (max_entries_limit_per_query); a query that asks for more is refused.
PAGE_LINES = 5000
NS_PER_MS = 10**6
ANY_SERVICE = '{service_name=~".+"}'


@dataclass(frozen=True, slots=True)
class LogLine:
    """One log record. `labels` holds the stream's labels and the structured metadata together."""

    timestamp_ns: int
    body: str
    labels: Mapping[str, str]

    @property
    def service(self) -> str:
        return self.labels.get("service_name", "")

    @property
    def level(self) -> str:
        """The severity in upper case; what Loki guessed where the record had none."""
        named = self.labels.get("severity_text") or self.labels.get("detected_level", "")
        return named.upper()

    @property
    def identity(self) -> tuple[int, str, frozenset[tuple[str, str]]]:
        """What makes it one line: Loki merges lines only when all of this is equal."""
        return (self.timestamp_ns, self.body, frozenset(self.labels.items()))


def quoted(value: str) -> str:
    """The value as a LogQL string, so that no value can end the string and add a filter.

    A raw string (backquotes) would need no escapes but cannot hold a backquote.
    """
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(escapes.get(letter, letter) for letter in value) + '"'


def where(selector: str = ANY_SERVICE, /, **fields: str) -> str:
    """A query for the lines of `selector` whose metadata fields have these values."""
    filters = [f"{name}={quoted(value)}" for name, value in fields.items()]
    return " | ".join([selector, *filters])


class Loki:
    """Queries over Loki's HTTP API. Every method raises StoreError when there is no answer."""

    name = "Loki"

    def __init__(
        self, url: str, transport: httpx.BaseTransport | None = None, page_lines: int = PAGE_LINES
    ) -> None:
        self.url = url
        self._page_lines = page_lines
        self._http = StoreHttp(self.name, url, transport)

    def lines(self, query: str, start_ns: int, end_ns: int) -> Iterator[LogLine]:
        """All lines with start <= timestamp < end, earliest first, however many there are.

        A page's last nanosecond may hold more lines than fitted. The next page therefore begins at
        that nanosecond again, and the lines of it that were given already are left out.
        """
        given: set[object] = set()
        while True:
            page = self._page(query, start_ns, end_ns)
            fresh = [line for line in page if line.identity not in given]
            yield from fresh
            if len(page) < self._page_lines:
                return
            if not fresh or page[0].timestamp_ns == page[-1].timestamp_ns:
                raise StoreError(
                    f"Loki holds {self._page_lines} lines or more of the same nanosecond "
                    f"{start_ns} for {query}: they cannot be paged; narrow the query"
                )
            start_ns = page[-1].timestamp_ns
            given = {line.identity for line in page if line.timestamp_ns == start_ns}

    def count(self, query: str, start_ns: int, end_ns: int) -> int:
        """How many lines have start < timestamp <= end, which is the window of a LogQL range.

        LogQL knows no unit below the millisecond: the start is moved back to a whole one before
        the end.
        """
        milliseconds = max(1, -(-(end_ns - start_ns) // NS_PER_MS))
        counting = f"sum(count_over_time({query} [{milliseconds}ms]))"
        answer = self._http.get("/loki/api/v1/query", {"query": counting, "time": end_ns})
        rows = answer["data"]["result"]
        return int(float(rows[0]["value"][1])) if rows else 0

    def stream_count(self, start_ns: int, end_ns: int, selector: str = ANY_SERVICE) -> int:
        """How many streams had lines in the window; each costs an index entry and an open chunk."""
        params: dict[str, str | int] = {"match[]": selector, "start": start_ns, "end": end_ns}
        return len(self._http.get("/loki/api/v1/series", params)["data"])

    def close(self) -> None:
        self._http.close()

    def _page(self, query: str, start_ns: int, end_ns: int) -> list[LogLine]:
        if start_ns >= end_ns:
            return []
        params: dict[str, str | int] = {
            "query": query,
            "start": start_ns,
            "end": end_ns,
            "limit": self._page_lines,
            "direction": "forward",
        }
        answer = self._http.get("/loki/api/v1/query_range", params)
        return sorted(_lines(answer["data"]["result"]), key=lambda line: line.timestamp_ns)


def _lines(streams: list[Any]) -> Iterator[LogLine]:
    for stream in streams:
        for timestamp, body, *_ in stream["values"]:
            yield LogLine(int(timestamp), body, stream["stream"])
