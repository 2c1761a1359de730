"""Trace context and baggage go to the hosts that are named, and to no other."""

from __future__ import annotations

from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context, get_current
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.propagators.textmap import (
    CarrierT,
    Getter,
    Setter,
    TextMapPropagator,
    default_getter,
    default_setter,
)
from opentelemetry.trace import Span, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import Scope


class AllowListPropagator(TextMapPropagator):
    """Injects only into a carrier whose `host` header is on the list; a door extracts from none.

    The destination is read from the carrier because every instrumented client, ours or patched by
    `opentelemetry-instrument`, hands its request headers over here and nothing else. A carrier that
    does not tell its host gets nothing.
    """

    def __init__(self, hosts: frozenset[str], *, door: bool = False) -> None:
        """`door`: requests come from outside, so what their headers claim is not extracted."""
        self._hosts = hosts
        self._door = door
        self._inner = CompositePropagator([TraceContextTextMapPropagator(), W3CBaggagePropagator()])

    def allows(self, host: str) -> bool:
        """Whether `host` (host or host:port) may learn of the trace."""
        host = host.lower()
        return host in self._hosts or host.rsplit(":", 1)[0] in self._hosts

    def inject(
        self,
        carrier: CarrierT,
        context: Context | None = None,
        setter: Setter[CarrierT] = default_setter,
    ) -> None:
        """Write `traceparent` and `baggage` into the headers of an allowed host."""
        host = carrier.get("host", "") if hasattr(carrier, "get") else ""
        if isinstance(host, str) and host and self.allows(host):
            self._inner.inject(carrier, context, setter)

    def extract(
        self,
        carrier: CarrierT,
        context: Context | None = None,
        getter: Getter[CarrierT] = default_getter,
    ) -> Context:
        """The caller's trace context and baggage; at a door, nothing."""
        if self._door:
            return context if context is not None else get_current()
        return self._inner.extract(carrier, context, getter)

    @property
    def fields(self) -> set[str]:
        """The header names this propagator writes."""
        return self._inner.fields


def link_to_caller(span: Span, scope: Scope) -> None:
    """Link `span` to the trace that a client claims to be in, which a door does not continue.

    A client's trace context may be wrong or hostile: continued, `traceparent: ...-00` would switch
    the turn's trace off.
    """
    for name, value in scope.get("headers", ()):
        if name == b"traceparent":
            carrier = {"traceparent": value.decode("latin-1")}
            claimed = TraceContextTextMapPropagator().extract(carrier, Context())
            theirs = get_current_span(claimed).get_span_context()
            if theirs.is_valid:
                span.add_link(theirs)
            return
