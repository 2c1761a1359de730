"""Reads lines from a pipe: standard input, in place of a file."""

import os
import select
from collections.abc import Callable

from turnscope.ship.follower import Lines
from turnscope.ship.lines import LineSplitter
from turnscope.ship.position import Fingerprint, Position

CHUNK_BYTES = 64 * 1024
WAIT_SECONDS = 0.25


class StreamFollower:
    """Has the face of a FileFollower; a pipe has no position to come back to."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._splitter = LineSplitter()
        self.at_end = False

    def poll(self) -> Lines | None:
        """The next lines; None when none came for a quarter of a second, or at the end."""
        ready, _, _ = select.select([self._descriptor], [], [], WAIT_SECONDS)
        if not ready:
            return None
        chunk = os.read(self._descriptor, CHUNK_BYTES)
        self.at_end = not chunk
        lines = self._splitter.feed(chunk)
        return Lines(lines, _nowhere) if lines else None

    def finish(self) -> Lines | None:
        """The unfinished last line as a line."""
        lines = self._splitter.finish()
        return Lines(lines, _nowhere) if lines else None

    def unfinished(self) -> bytes:
        return self._splitter.unfinished()

    def close(self) -> None:
        """The pipe belongs to whoever opened it."""


_nowhere: Callable[[int], Position] = lambda offset: Position(0, Fingerprint(0, ""), offset)  # noqa: E731
