"""What a trace store gives back, whichever it is. Times are nanoseconds since the Unix epoch."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

AttributeValue = (
    str | bool | int | float | list["AttributeValue"] | dict[str, "AttributeValue"] | None
)
Attributes = Mapping[str, AttributeValue]

TRACE_ID_DIGITS = 32
SPAN_ID_DIGITS = 16


def trace_id_of(text: str) -> str:
    """The trace id as 32 lower-case hex digits.

    Tempo's search leaves leading zeros out, people paste upper case: both are made whole here.
    Raises ValueError when the text is no trace id.
    """
    digits = text.strip().lower()
    if not re.fullmatch(r"[0-9a-f]{1,32}", digits) or int(digits, 16) == 0:
        raise ValueError(f"{text!r} is no trace id: expected up to 32 hex digits, not all zero")
    return digits.zfill(TRACE_ID_DIGITS)


@dataclass(frozen=True, slots=True)
class SpanEvent:
    """Something noted inside a span, an exception for example."""

    time_ns: int
    name: str
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Span:
    """One span. `kind` and `status` are OTLP's names in lower case without their prefix."""

    trace_id: str
    span_id: str
    parent_id: str | None
    service: str
    name: str
    start_ns: int
    end_ns: int
    kind: str = "unspecified"
    status: str = "unset"
    status_message: str = ""
    attributes: Attributes = field(default_factory=dict)
    events: tuple[SpanEvent, ...] = ()

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.start_ns

    @property
    def failed(self) -> bool:
        return self.status == "error"


@dataclass(frozen=True, slots=True)
class Trace:
    """All stored spans of one trace, each once, earliest first."""

    trace_id: str
    spans: tuple[Span, ...]

    @classmethod
    def of(cls, trace_id: str, spans: Iterable[Span]) -> "Trace":
        """A trace from spans in any order; a span delivered twice (a retry) is kept once."""
        once = {span.span_id: span for span in spans}
        ordered = sorted(
            once.values(), key=lambda span: (span.start_ns, -span.end_ns, span.span_id)
        )
        return cls(trace_id_of(trace_id), tuple(ordered))

    @property
    def by_id(self) -> dict[str, Span]:
        return {span.span_id: span for span in self.spans}

    @property
    def root(self) -> Span | None:
        """The earliest span without a parent; None while it is not stored yet."""
        return next((span for span in self.spans if span.parent_id is None), None)

    @property
    def missing_parents(self) -> frozenset[str]:
        """Ids that spans name as their parent and that are not in the trace."""
        known = {span.span_id for span in self.spans}
        named = {span.parent_id for span in self.spans if span.parent_id is not None}
        return frozenset(named - known)

    @property
    def complete(self) -> bool:
        """Whether the root is there and no span hangs in the air."""
        return self.root is not None and not self.missing_parents

    @property
    def start_ns(self) -> int:
        return min(span.start_ns for span in self.spans)

    @property
    def end_ns(self) -> int:
        return max(span.end_ns for span in self.spans)


@dataclass(frozen=True, slots=True)
class FoundSpan:
    """A span that a search matched; only attributes searched or asked for are sure to be there."""

    trace_id: str
    span_id: str
    service: str
    name: str
    start_ns: int
    end_ns: int
    attributes: Attributes
