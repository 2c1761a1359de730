"""The loop: lines in, records out, the position written after the collector has accepted them."""

import json
import threading
import time
from collections.abc import Callable
from typing import Protocol

from turnscope.ship.delivery import Delivery
from turnscope.ship.follower import Lines
from turnscope.ship.position import Pending, Position
from turnscope.ship.progress import Progress
from turnscope.ship.records import RecordMaker

POLL_SECONDS = 0.25


class Source(Protocol):
    """Where lines come from: a followed file or a pipe."""

    @property
    def at_end(self) -> bool: ...
    def poll(self) -> Lines | None: ...
    def finish(self) -> Lines | None: ...
    def unfinished(self) -> bytes: ...
    def close(self) -> None: ...


class Shipper:
    """Ships one source until `stop` is set, or until its end with `once`.

    `keep` writes a position. `pending` tells of a batch that was on its way when shipping ended
    the last time.
    """

    def __init__(
        self,
        source: Source,
        maker: RecordMaker,
        delivery: Delivery,
        keep: Callable[[Position], None],
        progress: Progress,
        stop: threading.Event,
        *,
        pending: Pending | None = None,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._source = source
        self._maker = maker
        self._delivery = delivery
        self._keep = keep
        self._progress = progress
        self._stop = stop
        self._pending = pending
        self._now_ns = now_ns

    def run(self, *, once: bool) -> None:
        """Return at the end; what Delivery and `keep` raise passes through."""
        while not self._stop.is_set():
            lines = self._source.poll()
            if lines is not None:
                self._ship(lines)
            elif once and self._source.at_end:
                self._ship_the_rest()
                return
            else:
                self._stop.wait(POLL_SECONDS)
            self._progress.show()

    def _ship_the_rest(self) -> None:
        rest = self._source.unfinished()
        if not rest:
            return
        try:
            json.loads(rest)
        except ValueError:
            self._progress.tell(
                "The last line has no end and is no JSON yet: it is left for the next time."
            )
            return
        lines = self._source.finish()
        if lines is not None:
            self._ship(lines)

    def _ship(self, lines: Lines) -> None:
        """Ship in one batch, or in two where only a part was on its way before."""
        pending = self._pending
        if pending is not None and not pending.start <= lines.lines[0].offset < pending.end:
            pending = self._pending = None
        again = [line for line in lines.lines if pending is not None and line.end <= pending.end]
        for part in (again, lines.lines[len(again) :]):
            if part and not self._stop.is_set():
                self._ship_batch(Lines(part, lines.position))

    def _ship_batch(self, batch: Lines) -> None:
        start, end = batch.lines[0].offset, batch.lines[-1].end
        pending = self._pending or Pending(start, end, self._now_ns())
        self._keep(batch.position(start).announce(pending))
        records = [
            self._maker.make(line, pending.read_ns, line.offset - pending.start)
            for line in batch.lines
            if line.data.strip()
        ]
        if records and not self._delivery.deliver(records):
            return
        self._progress.count(records)
        self._pending = pending if end < pending.end else None
        self._keep(batch.position(end).announce(self._pending))
