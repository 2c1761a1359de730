"""Delivers a batch whatever happens: waits for the collector, and isolates what it refuses."""

import threading
import time
from collections.abc import Callable, Sequence

from turnscope.ship.collector import BatchRefusedError, Collector, CollectorAwayError
from turnscope.ship.progress import Progress
from turnscope.ship.records import Record

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0


class GaveUpError(Exception):
    """The collector stayed away for longer than the patience; the text is its last word."""


class Delivery:
    """Sends batches to one collector until they are taken, `stop` is set or patience ends.

    `patience_seconds` None: waits for ever. The same records are sent each time, so that what had
    arrived without an answer is recognised as the same.
    """

    def __init__(
        self,
        collector: Collector,
        progress: Progress,
        stop: threading.Event,
        *,
        patience_seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._collector = collector
        self._progress = progress
        self._stop = stop
        self._patience_seconds = patience_seconds
        self._clock = clock

    def deliver(self, records: Sequence[Record]) -> bool:
        """True once every record was accepted or refused for good; False when stopped before."""
        waiting = [list(records)]
        while waiting:
            batch = waiting.pop()
            try:
                if not self._send(batch):
                    return False
            except BatchRefusedError as error:
                if len(batch) > 1:
                    # One record can spoil a batch; halves leave only that one behind.
                    middle = len(batch) // 2
                    waiting += [batch[middle:], batch[:middle]]
                else:
                    self._progress.count_refused(1, str(error))
        return True

    def _send(self, batch: Sequence[Record]) -> bool:
        began, pause = self._clock(), FIRST_PAUSE_SECONDS
        while True:
            try:
                refused = self._collector.send(batch)
            except CollectorAwayError as error:
                waited = self._clock() - began
                if self._patience_seconds is not None and waited >= self._patience_seconds:
                    raise GaveUpError(str(error)) from error
                self._progress.collector_away(str(error))
                if self._stop.wait(min(error.retry_after or pause, LONGEST_PAUSE_SECONDS)):
                    return False
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                continue
            self._progress.collector_back()
            if refused:
                self._progress.count_refused(refused, "the collector accepted the rest of a batch")
            return True
