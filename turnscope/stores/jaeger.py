"""Traces from Jaeger 1.62 (native mode).

By id through /api/v3, which speaks OTLP and keeps nanoseconds. Search through /api: the one of
/api/v3 ignores tags without a word.
"""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence

import httpx

from turnscope.stores.http import StoreHttp
from turnscope.stores.jaeger_json import NS_PER_US, found_spans, text_of
from turnscope.stores.model import FoundSpan, Trace, trace_id_of
from turnscope.stores.otlp_json import spans_of
from turnscope.stores.traces import AttributeFilter, search_in_slices

# Whole traces come back, some 20 kB each: an answer stays near 4 MB.
TRACES_A_PAGE = 200


class Jaeger:
    """A TraceStore over Jaeger's query service."""

    name = "Jaeger"
    search_lag_seconds = 0.0

    def __init__(
        self,
        url: str,
        transport: httpx.BaseTransport | None = None,
        traces_a_page: int = TRACES_A_PAGE,
    ) -> None:
        self.url = url
        self._traces_a_page = traces_a_page
        self._http = StoreHttp(self.name, url, transport)

    def get(self, trace_id: str) -> Trace | None:
        wanted = trace_id_of(trace_id)
        answer = self._http.find(f"/api/v3/traces/{wanted}")
        if answer is None:
            return None
        # ResourceSpans are shared between traces in Jaeger's answers: keep only what was asked for.
        spans = spans_of(answer.get("result", {}).get("resourceSpans", []))
        trace = Trace.of(wanted, (span for span in spans if span.trace_id == wanted))
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
        """See TraceStore.search. The window is widened to whole microseconds, which is all that
        Jaeger's search tells. It wants a service: without one all are asked in turn.
        """
        start_ns = start_ns // NS_PER_US * NS_PER_US
        end_ns = -(-end_ns // NS_PER_US) * NS_PER_US
        texts = {key: [text_of(value) for value in values] for key, values in attributes.items()}
        for each in [service] if service is not None else self.services():
            for values in itertools.product(*texts.values()):
                tags = dict(zip(texts, values, strict=True))
                yield from self._tagged(each, tags, start_ns, end_ns)

    def services(self) -> list[str]:
        """The names of all services that have spans stored."""
        return sorted(self._http.get("/api/services")["data"] or [])

    def close(self) -> None:
        self._http.close()

    def _tagged(
        self, service: str, tags: Mapping[str, str], start_ns: int, end_ns: int
    ) -> Iterator[FoundSpan]:
        wanted = {key: [value] for key, value in tags.items()}

        def fetch(start: int, end: int) -> tuple[list[FoundSpan], bool]:
            params: dict[str, str | int] = {
                "service": service,
                "tags": json.dumps(tags),
                # Microseconds; a span of the end's own microsecond is sorted out by its start.
                "start": start // NS_PER_US,
                "end": -(-end // NS_PER_US),
                "limit": self._traces_a_page,
            }
            traces = self._http.get("/api/traces", params)["data"]
            found = [
                span
                for trace in traces
                for span in found_spans(trace, wanted)
                if span.service == service
            ]
            return found, len(traces) >= self._traces_a_page

        return search_in_slices(fetch, start_ns, end_ns, NS_PER_US, self.name)
