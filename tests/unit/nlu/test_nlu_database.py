"""The pool's gauges, and the time limit on what the database does not answer."""

from __future__ import annotations

import asyncio
import time

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import QueuePool

from demo_services.nlu.adapters.database import PoolWatch
from demo_services.nlu.deadline import Deadline
from demo_services.nlu.instruments import NluInstruments
from turnscope.instrument import Telemetry

pytestmark = pytest.mark.unit


def test_the_gauges_follow_the_pool() -> None:
    telemetry = Telemetry.in_memory("nlu")
    engine = create_engine("sqlite://", poolclass=QueuePool)
    PoolWatch(engine.pool, NluInstruments.of(telemetry), 5)

    def held() -> tuple[float | None, float | None]:
        value = telemetry.registry.get_sample_value
        return (
            value("db_pool_connections", {"state": "used"}),
            value("db_pool_connections", {"state": "idle"}),
        )

    assert held() == (0, 0)
    with engine.connect():
        assert held() == (1, 0)
        with engine.connect():
            assert held() == (2, 0)
    assert held() == (0, 2)
    with engine.connect() as connection:
        connection.invalidate()
        assert held() == (0, 1)
    assert held() == (0, 1)
    engine.dispose()
    assert held() == (0, 0)
    assert telemetry.registry.get_sample_value("db_pool_connections_limit") == 5


def test_work_that_will_not_be_cancelled_is_not_waited_for() -> None:
    async def stubborn() -> None:
        try:
            await asyncio.sleep(1)
        finally:
            await asyncio.sleep(0.5)

    async def wait() -> float:
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            await Deadline(0.02).keep(stubborn())
        return time.monotonic() - started

    assert asyncio.run(wait()) < 0.4


def test_work_that_is_done_in_time_gives_its_result_or_its_error() -> None:
    async def give() -> int:
        return 7

    async def fail() -> int:
        raise LookupError("gone")

    assert asyncio.run(Deadline(1).keep(give())) == 7
    with pytest.raises(LookupError, match="gone"):
        asyncio.run(Deadline(1).keep(fail()))
