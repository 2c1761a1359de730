"""Spans from the JSON of Jaeger's search: microseconds, tags, processes named by id."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from turnscope.stores.model import FoundSpan, trace_id_of

NS_PER_US = 1000


def found_spans(
    trace: Mapping[str, Any], wanted: Mapping[str, Sequence[str]]
) -> Iterator[FoundSpan]:
    """The spans of one trace that have every attribute of `wanted` with one of its values.

    Jaeger answers with whole traces in which one span matched, so the spans are compared again.
    """
    processes = trace["processes"]
    for span in trace["spans"]:
        tags = {tag["key"]: tag["value"] for tag in span["tags"]}
        if all(text_of(tags.get(key)) in values for key, values in wanted.items()):
            start_ns = span["startTime"] * NS_PER_US
            yield FoundSpan(
                trace_id=trace_id_of(span["traceID"]),
                span_id=span["spanID"],
                service=processes[span["processID"]]["serviceName"],
                name=span["operationName"],
                start_ns=start_ns,
                end_ns=start_ns + span["duration"] * NS_PER_US,
                attributes=tags,
            )


def text_of(value: object) -> str:
    """A tag's value in the form that Jaeger's tag query compares: booleans in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)
