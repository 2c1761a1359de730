"""The connection pool to PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

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
        settings.database_url,
        isolation_level="AUTOCOMMIT",
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.lookup_timeout_s,
        hide_parameters=True,
        connect_args={
            "connect_timeout": _CONNECT_TIMEOUT_S,
            "application_name": "nlu",
            # The % operator, the only form that the trigram index serves, takes its limit from here.
            "options": f"-c pg_trgm.similarity_threshold={settings.product_least_score}",
        },
    )


def watch_pool(engine: AsyncEngine, instruments: NluInstruments, settings: NluSettings) -> None:
    """Keep the pool's gauges at what the pool holds."""
    pool = engine.sync_engine.pool
    assert isinstance(pool, QueuePool)
    instruments.pool_limit.set(settings.pool_size)
    instruments.pool_connections.set(0, state="used")
    instruments.pool_connections.set(0, state="idle")

    def report(*_: Any) -> None:
        instruments.pool_connections.set(pool.checkedout(), state="used")
        instruments.pool_connections.set(pool.checkedin(), state="idle")

    for happening in ("checkout", "checkin", "close", "invalidate"):
        event.listen(pool, happening, report)


def open_engine(
    settings: NluSettings, telemetry: Telemetry, instruments: NluInstruments
) -> AsyncEngine:
    """The service's engine, with database spans and pool gauges."""
    engine = make_engine(settings)
    telemetry.instrument_engine(engine.sync_engine)
    watch_pool(engine, instruments, settings)
    return engine
