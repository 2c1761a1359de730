"""Traces from Tempo 3 (Compose mode, and native mode where there is a `tempo` binary)."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx

from turnscope.stores.http import StoreHttp, StoreRefusedError
from turnscope.stores.model import FoundSpan, Trace, trace_id_of
from turnscope.stores.otlp_json import attributes_of, spans_of
from turnscope.stores.traces import AttributeFilter, search_in_slices

NS_PER_S = 10**9
TRACES_A_PAGE = 500
# Tempo's own limit (max_spans_per_span_set) unless it is configured.
SPANS_A_TRACE = 100


class Tempo:
    """A TraceStore over Tempo's HTTP API."""

    name = "Tempo"
    # query_frontend.query_end_cutoff, by default: search never sees anything newer.
    search_lag_seconds = 30.0

    def __init__(
        self,
        url: str,
        transport: httpx.BaseTransport | None = None,
        traces_a_page: int = TRACES_A_PAGE,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.url = url
        self._now = now
        self._traces_a_page = traces_a_page
        self._http = StoreHttp(self.name, url, transport)

    def get(self, trace_id: str) -> Trace | None:
        wanted = trace_id_of(trace_id)
        answer = self._http.find(f"/api/v2/traces/{wanted}")
        if answer is None:
            return None
        held = answer.get("trace") or {}
        trace = Trace.of(wanted, spans_of(held.get("resourceSpans", [])))
        return trace if trace.spans else None

    def search(
        self,
        start_ns: int,
        end_ns: int,
        attributes: AttributeFilter,
        *,
        service: str | None = None,
        select: Sequence[str] = (),
    ) -> Iterator[FoundSpan]:
        """See TraceStore.search."""
        query = traceql(attributes, service, [*attributes, *select])

        def fetch(start: int, end: int) -> tuple[list[FoundSpan], bool]:
            if start // NS_PER_S + 1 > self._now() - self.search_lag_seconds:
                # All of it is hidden; Tempo would refuse the empty rest of the window.
                return [], False
            params: dict[str, str | int] = {
                "q": query,
                # Whole seconds, and the end excluded: both are widened, the spans sorted out after.
                "start": start // NS_PER_S,
                "end": end // NS_PER_S + 1,
                "limit": self._traces_a_page,
                "spss": SPANS_A_TRACE,
            }
            traces = self._http.get("/api/search", params).get("traces") or []
            found = [span for trace in traces for span in self._found(trace)]
            return found, len(traces) >= self._traces_a_page

        return search_in_slices(fetch, start_ns, end_ns, NS_PER_S, self.name)

    def close(self) -> None:
        self._http.close()

    def _found(self, trace: Mapping[str, Any]) -> Iterator[FoundSpan]:
        trace_id = trace_id_of(trace["traceID"])
        for span_set in trace.get("spanSets") or []:
            spans = span_set.get("spans", [])
            if len(spans) < span_set.get("matched", 0):
                raise StoreRefusedError(
                    f"Tempo matched {span_set['matched']} spans of trace {trace_id} and gave "
                    f"{len(spans)}: narrow the search to fewer spans a trace"
                )
            for span in spans:
                attributes = attributes_of(span.get("attributes", []))
                start_ns = int(span["startTimeUnixNano"])
                yield FoundSpan(
                    trace_id=trace_id,
                    span_id=span["spanID"],
                    service=str(attributes.get("service.name", "")),
                    name=span.get("name", ""),
                    start_ns=start_ns,
                    end_ns=start_ns + int(span.get("durationNanos", 0)),
                    attributes=attributes,
                )


def traceql(attributes: AttributeFilter, service: str | None, select: Sequence[str]) -> str:
    """The TraceQL query for spans that have each attribute with one of its values."""
    conditions = [
        "(" + " || ".join(f"{_span_field(key)} = {_literal(value)}" for value in values) + ")"
        for key, values in attributes.items()
    ]
    if service is not None:
        conditions.append(f"resource.service.name = {_literal(service)}")
    wanted = ["resource.service.name", "name", *(_span_field(key) for key in select)]
    return f"{{ {' && '.join(conditions)} }} | select({', '.join(wanted)})"


def _span_field(key: str) -> str:
    return f"span.{json.dumps(key)}"


def _literal(value: str | bool | int) -> str:
    """JSON's escapes are TraceQL's too; booleans and numbers stand bare."""
    return json.dumps(value, ensure_ascii=False)
