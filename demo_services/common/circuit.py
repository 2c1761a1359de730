"""A circuit breaker around calls to one neighbour, for asyncio."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pybreaker


class CircuitOpen(Exception):
    """Not tried: the neighbour failed too often a moment ago."""


class _Failure(Exception):
    """What a failed call is to the breaker; the caller keeps its own exception."""


class Circuit:
    """Opens after `fail_max` failures in a row; `reset_s` seconds later one call at a time may try.

    pybreaker keeps the count and the states. The guard is ours for two reasons: its async form
    needs tornado, and it takes a cancelled call for a good one. Here such a call says nothing.
    """

    def __init__(self, name: str, *, fail_max: int, reset_s: float) -> None:
        self._reset = timedelta(seconds=reset_s)
        self._memory = pybreaker.CircuitMemoryStorage(pybreaker.STATE_CLOSED)
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=fail_max,
            reset_timeout=reset_s,
            state_storage=self._memory,
            name=name,
            throw_new_error_on_trip=False,
        )
        self._on_trial = False

    @property
    def state(self) -> str:
        """`closed`, `open` or `half-open`."""
        return self._breaker.current_state

    @contextmanager
    def guard(self, *failures: type[Exception]) -> Iterator[None]:
        """Runs the block if the circuit lets it; of what the block raises only `failures` count.

        Any other exception is an answer of a neighbour that lives. Raises CircuitOpen.
        """
        trial = self._admit()
        try:
            yield
        except failures:
            self._report(failed=True)
            raise
        except Exception:
            self._report(failed=False)
            raise
        else:
            self._report(failed=False)
        finally:
            if trial:
                self._on_trial = False

    def _admit(self) -> bool:
        """Whether the call that is let in is the one that tries an open circuit again."""
        if self.state == pybreaker.STATE_CLOSED:
            return False
        opened_at = self._memory.opened_at
        if self._on_trial or (opened_at and datetime.now(UTC) < opened_at + self._reset):
            raise CircuitOpen
        self._on_trial = True
        return True

    def _report(self, *, failed: bool) -> None:
        def tell() -> None:
            if failed:
                raise _Failure

        # CircuitBreakerError: the circuit was opened by another call while this one was under way.
        with suppress(_Failure, pybreaker.CircuitBreakerError):
            self._breaker.call(tell)
