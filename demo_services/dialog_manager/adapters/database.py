"""The engine: its pool, its time limits, and one exception for a database that cannot be used."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from demo_services.dialog_manager.ports import StoreDown
from demo_services.dialog_manager.settings import DialogSettings

# Waiting for a row lock longer than this means that another replica hangs with it.
_LOCK_TIMEOUT_MS = 2000
_CONNECT_TIMEOUT_S = 2


def create_engine(settings: DialogSettings) -> AsyncEngine:
    """An engine whose statements, locks and waits for a connection all end in bounded time."""
    limits = (
        f"-c statement_timeout={settings.statement_timeout_ms} -c lock_timeout={_LOCK_TIMEOUT_MS}"
    )
    return create_async_engine(
        settings.database_url.get_secret_value(),
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_wait_s,
        # A statement that fails is logged; what users gave stays out of that.
        hide_parameters=True,
        # A connection that died with its server is replaced before a turn meets it.
        pool_pre_ping=True,
        connect_args={"connect_timeout": _CONNECT_TIMEOUT_S, "options": limits},
    )


def watch_pool(engine: AsyncEngine, show: Callable[[int, int], None]) -> None:
    """Call `show(used, idle)` now and whenever a connection is taken or given back."""
    pool = engine.sync_engine.pool
    assert isinstance(pool, QueuePool)

    def taken(*_: object) -> None:
        show(pool.checkedout(), pool.checkedin())

    def given_back(*_: object) -> None:
        # The event comes before the pool has the connection back.
        show(pool.checkedout() - 1, pool.checkedin() + 1)

    show(0, 0)
    event.listen(pool, "checkout", taken)
    event.listen(pool, "checkin", given_back)


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One transaction. Raises StoreDown where the database, not the statement, is at fault."""
    try:
        async with engine.begin() as connection:
            yield connection
    except (OperationalError, InterfaceError, PoolTimeout, OSError) as error:
        raise StoreDown from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreDown from error
        raise
