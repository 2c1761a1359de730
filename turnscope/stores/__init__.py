"""Read clients of the stores. `open_stores` is the one place that chooses between engines."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from turnscope.stores.http import StoreError, StoreRefusedError, StoreUnreachableError
from turnscope.stores.jaeger import Jaeger
from turnscope.stores.loki import Loki
from turnscope.stores.prometheus import Prometheus
from turnscope.stores.tempo import Tempo
from turnscope.stores.traces import TraceStore
from turnscope.stores.warehouse import Warehouse

__all__ = [
    "Addresses",
    "StoreError",
    "StoreRefusedError",
    "StoreUnreachableError",
    "Stores",
    "open_stores",
    "open_trace_store",
]


class Addresses(Protocol):
    """Where the stores are; `turnscope.deployment.endpoints` has the real ones of both modes."""

    @property
    def prometheus_url(self) -> str: ...
    @property
    def loki_url(self) -> str: ...
    @property
    def traces_url(self) -> str: ...
    @property
    def traces_kind(self) -> str: ...
    @property
    def database_url(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Stores:
    """One read client of each store."""

    metrics: Prometheus
    logs: Loki
    traces: TraceStore
    warehouse: Warehouse


@contextmanager
def open_stores(addresses: Addresses) -> Iterator[Stores]:
    """Clients for these addresses, closed at the end. Nothing is connected before it is asked."""
    stores = Stores(
        metrics=Prometheus(addresses.prometheus_url),
        logs=Loki(addresses.loki_url),
        traces=open_trace_store(addresses.traces_kind, addresses.traces_url),
        warehouse=Warehouse(addresses.database_url),
    )
    try:
        yield stores
    finally:
        stores.metrics.close()
        stores.logs.close()
        stores.traces.close()


def open_trace_store(kind: str, url: str) -> TraceStore:
    """The adapter for an engine. Raises ValueError for a kind that is neither tempo nor jaeger."""
    match kind:
        case "tempo":
            return Tempo(url)
        case "jaeger":
            return Jaeger(url)
    raise ValueError(f"traces_kind is {kind!r}: expected tempo or jaeger")
