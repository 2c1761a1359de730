"""The connection pool to PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import Pool

from demo_services.nlu.instruments import NluInstruments
from demo_services.nlu.settings import NluSettings

if TYPE_CHECKING:
    from turnscope.instrument import Telemetry

# libpq takes whole seconds and no fewer than two.
_CONNECT_TIMEOUT_S = 2


def make_engine(settings: NluSettings) -> AsyncEngine:
    """A pool of at most `settings.pool_size` connections; nothing is connected yet.

    Every statement stands alone, so AUTOCOMMIT saves two round trips a parse.
    """
    return create_async_engine(
        settings.database_url.get_secret_value(),
        isolation_level="AUTOCOMMIT",
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.lookup_timeout_s,
        hide_parameters=True,
        connect_args={
            "connect_timeout": _CONNECT_TIMEOUT_S,
            "application_name": "nlu",
            # The % operator, which alone uses the trigram index, takes its limit from here.
            "options": f"-c pg_trgm.similarity_threshold={settings.product_least_score}",
        },
    )


class PoolWatch:
    """Keeps the pool's gauges at what the pool holds.

    It counts by itself: when the pool tells of a returned connection, its own numbers still hold
    the connection as taken.
    """

    def __init__(self, pool: Pool, instruments: NluInstruments, limit: int) -> None:
        self._gauge = instruments.pool_connections
        self._open = 0
        self._used = 0
        instruments.pool_limit.set(limit)
        self._report()
        event.listen(pool, "connect", self._connected)
        event.listen(pool, "close", self._closed)
        event.listen(pool, "checkout", self._taken)
        event.listen(pool, "checkin", self._returned)

    def _connected(self, *_: Any) -> None:
        self._open += 1
        self._report()

    def _closed(self, *_: Any) -> None:
        self._open -= 1
        self._report()

    def _taken(self, *_: Any) -> None:
        self._used += 1
        self._report()

    def _returned(self, *_: Any) -> None:
        self._used -= 1
        self._report()

    def _report(self) -> None:
        self._gauge.set(self._used, state="used")
        self._gauge.set(max(self._open - self._used, 0), state="idle")


def open_engine(
    settings: NluSettings, telemetry: Telemetry, instruments: NluInstruments
) -> AsyncEngine:
    """The service's engine, with database spans and pool gauges."""
    engine = make_engine(settings)
    telemetry.instrument_engine(engine.sync_engine)
    PoolWatch(engine.sync_engine.pool, instruments, settings.pool_size)
    return engine
