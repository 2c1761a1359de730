"""A time limit that holds for work which is slow to be cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


class Deadline:
    """Gives up on work after `limit_s` seconds, without waiting for its end.

    asyncio.timeout waits until the cancelled work has ended; psycopg 3.3 spends up to 5 s on that
    when the server no longer answers.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        # The event loop keeps weak references only: a task that nobody holds may vanish half-way.
        self._abandoned: set[asyncio.Task[Any]] = set()

    async def keep(self, work: Coroutine[Any, Any, _T]) -> _T:
        """What `work` gives or raises in time, else TimeoutError."""
        task = asyncio.create_task(work)
        try:
            done, _ = await asyncio.wait({task}, timeout=self._limit_s)
        except asyncio.CancelledError:
            self._abandon(task)
            raise
        if not done:
            self._abandon(task)
            raise TimeoutError
        return task.result()

    def _abandon(self, task: asyncio.Task[Any]) -> None:
        task.cancel()
        self._abandoned.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._abandoned.discard(task)
        if not task.cancelled():
            task.exception()  # read, or asyncio complains that nobody did
