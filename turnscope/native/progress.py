"""How far a build is: a live bar on a terminal, a line every 15 s elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

Report = Callable[[str], None]

_LINE_EVERY_S = 15.0


class Progress(Protocol):
    """Told about each step of one engine's build."""

    def step(self, phase: str, done: int, total: int | None) -> None:
        """`done` of `total` packages (None: not known yet) in `phase`."""


class LineProgress:
    """For logs and pipes: says where it is at most every 15 s."""

    def __init__(
        self, name: str, report: Report, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._name, self._report, self._now = name, report, now
        self._started = self._said = now()

    def step(self, phase: str, done: int, total: int | None) -> None:
        """Report, unless that was done a moment ago."""
        if self._now() - self._said < _LINE_EVERY_S:
            return
        self._said = self._now()
        share = f"{done} of {total}" if total else f"{done}"
        self._report(f"{self._name}: {phase} {share}, {self._now() - self._started:.0f} s")


class _BarProgress:
    """For a terminal: one line an engine, rewritten in place."""

    def __init__(self, name: str) -> None:
        # Where there is no terminal, rich is not needed at all.
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self.bar = Progress(
            TextColumn("{task.description:<34}"),
            BarColumn(),
            TextColumn("{task.fields[share]:>11}"),
            TimeElapsedColumn(),
            transient=True,
        )
        self._name = name
        self._task = self.bar.add_task(name, total=None, share="")

    def step(self, phase: str, done: int, total: int | None) -> None:
        self.bar.update(
            self._task,
            description=f"{self._name}: {phase}",
            completed=done if total else 0,
            total=total,
            share=f"{done}/{total}" if total else f"{done}",
        )


@contextmanager
def build_progress(name: str, report: Report) -> Iterator[Progress]:
    """A Progress that suits where standard output goes."""
    if not sys.stdout.isatty():
        yield LineProgress(name, report)
        return
    live = _BarProgress(name)
    with live.bar:
        yield live
