"""Tells how shipping goes: one line that is renewed on a terminal, one a minute elsewhere."""

import time
from collections import Counter
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.text import Text

from turnscope.ship.records import Record

TERMINAL_SECONDS = 0.5
ELSEWHERE_SECONDS = 60.0
MOST_NAMES_KEPT = 50
NAMES_SHOWN = 10
# Loki takes nothing older than its reject_old_samples_max_age; loki/config.yaml sets 14 days.
OLDEST_SECONDS = 14 * 86_400
# and nothing further ahead than its creation_grace_period, 10 minutes.
AHEAD_SECONDS = 600


class Progress:
    """Counts what was accepted and prints it. `source` is the name shown."""

    def __init__(
        self,
        source: str,
        console: Console,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._source = source
        self._console = console
        self._clock = clock
        self._now = now
        self._told = ""
        self._away = False
        self._unmapped: Counter[str] = Counter()
        self._status = console.status("") if console.is_terminal else None
        self._interval = TERMINAL_SECONDS if self._status else ELSEWHERE_SECONDS
        self._shown_at = clock()
        self.shipped = self.bad_lines = self.refused = self.outside = self.events = 0

    def __enter__(self) -> "Progress":
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def count(self, records: Sequence[Record]) -> None:
        """Count records that the collector has dealt with."""
        now = self._now()
        earliest, latest = (now - OLDEST_SECONDS) * 1e9, (now + AHEAD_SECONDS) * 1e9
        self.shipped += len(records)
        for record in records:
            self.bad_lines += record.is_bad_line
            self.events += "event.name" in record.attributes
            self.outside += not earliest <= record.timestamp_ns <= latest
            for name in record.unmapped:
                if name in self._unmapped or len(self._unmapped) < MOST_NAMES_KEPT:
                    self._unmapped[name] += 1

    def count_refused(self, number: int, reason: str) -> None:
        """Count records the collector will never take; the first reason is printed."""
        if not self.refused:
            self.tell(f"The collector refuses a record: {reason}.")
        self.refused += number

    def collector_away(self, sentence: str) -> None:
        """Say once that the collector is away."""
        if not self._away:
            self.tell(f"{sentence} Lines wait in the file; nothing is lost.")
        self._away = True

    def collector_back(self) -> None:
        """Say once that it is back."""
        if self._away:
            self.tell("The collector takes records again.")
        self._away = False

    def tell(self, sentence: str) -> None:
        """Print a sentence beside the line of progress."""
        self._console.print(Text(sentence), soft_wrap=True)

    def show(self) -> None:
        """Renew the line of progress if its time has come."""
        if self._clock() - self._shown_at < self._interval:
            return
        self._shown_at = self._clock()
        if self._status:
            self._status.update(Text(self.summary()))
        elif self.summary() != self._told:
            self._told = self.summary()
            self.tell(self._told)

    def summary(self) -> str:
        """Everything counted, in one line."""
        parts = [f"{self._source}: {self.shipped:,} lines shipped", f"{self.events:,} events"]
        if self.bad_lines:
            parts.append(f"{self.bad_lines:,} not JSON")
        if self.refused:
            parts.append(f"{self.refused:,} refused")
        return ", ".join(parts) + (" (the collector is away)" if self._away else "")

    def finish(self) -> None:
        """Print the sum, and what its reader should know."""
        self.tell(self.summary() + ".")
        if self.outside:
            self.tell(
                f"{self.outside:,} lines are older than {OLDEST_SECONDS // 86_400} days or in the "
                "future: Loki does not keep them (reject_old_samples_max_age in loki/config.yaml)."
            )
        if self._unmapped:
            names = ", ".join(name for name, _ in self._unmapped.most_common(NAMES_SHOWN))
            more = ", ..." if len(self._unmapped) > NAMES_SHOWN else ""
            self.tell(
                f"Not sent, as the mapping does not name them: {names}{more} "
                "(a mapping's `keep` lists fields that are to go along)."
            )
