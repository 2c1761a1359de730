"""Follows a log file by its name, through rotation and restarts."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from turnscope.ship.generations import Generation, find_holder, later_generations
from turnscope.ship.lines import Line
from turnscope.ship.position import Position

# A writer goes on into a renamed file until it is told to open the new one.
RENAME_GRACE_SECONDS = 1.0


@dataclass(frozen=True)
class Lines:
    """Lines of one file. `position` makes the position that has all before an offset accepted."""

    lines: list[Line]
    position: Callable[[int], Position]


class FileFollower:
    """Gives the lines of `path` from `begin` on (None: from its first byte).

    `tell` takes a sentence about what could not be found again.
    """

    def __init__(
        self,
        path: Path,
        begin: Position | None,
        tell: Callable[[str], None],
        *,
        grace_seconds: float = RENAME_GRACE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = path
        self._grace_seconds = grace_seconds
        self._tell = tell
        self._clock = clock
        self._current: Generation | None = None
        self._next: deque[tuple[Path, int]] = deque()
        self._renamed_at: float | None = None
        if begin is not None:
            self._plan(begin)

    @property
    def at_end(self) -> bool:
        """True when nothing waits: every file is read to its end."""
        if self._next or self._renamed_at is not None:
            return False
        return self._current is None or self._current.at_end

    def poll(self) -> Lines | None:
        """The next lines, None when there are none now."""
        generation = self._current or self._open_next()
        if generation is None:
            return None
        if generation.was_truncated():
            self._leave()
            self._plan(generation.position(generation.given_to), quiet=True)
            return None
        lines = generation.read_lines()
        if not lines and generation.at_end and self._is_over(generation):
            lines = generation.finish()
            self._leave()
        return Lines(lines, generation.position) if lines else None

    def finish(self) -> Lines | None:
        """The unfinished last line as a line; for when nobody will finish it."""
        if self._current is None:
            return None
        lines = self._current.finish()
        return Lines(lines, self._current.position) if lines else None

    def unfinished(self) -> bytes:
        return self._current.unfinished() if self._current else b""

    def close(self) -> None:
        self._leave()

    def _is_over(self, generation: Generation) -> bool:
        if self._next:
            return True
        try:
            renamed = self.path.stat().st_ino != generation.inode
        except OSError:
            # Renamed, and its successor is not there yet: whatever is written goes to the old one.
            renamed = False
        if not renamed:
            self._renamed_at = None
            return False
        if self._renamed_at is None:
            self._renamed_at = self._clock()
        if self._clock() - self._renamed_at < self._grace_seconds:
            return False
        later = later_generations(self.path, generation.status(), generation.position(0))
        self._next.extend((path, 0) for path in later)
        return True

    def _plan(self, position: Position, *, quiet: bool = False) -> None:
        """Find what the position speaks of again, and line up everything written after it."""
        holder = find_holder(self.path, position)
        if holder is None:
            if not quiet:
                self._tell(
                    f"What {self.path} held at byte {position.offset:,} is gone (rotated and "
                    "packed, or emptied); shipping goes on with what is there now."
                )
            self._next.append((self.path, 0))
            return
        self._next.append((holder, position.offset))
        if holder != self.path:
            later = later_generations(self.path, holder.stat(), position)
            self._next.extend((path, 0) for path in later)

    def _open_next(self) -> Generation | None:
        path, offset = self._next.popleft() if self._next else (self.path, 0)
        try:
            self._current = Generation(path, offset)
        except OSError:
            self._current = None
        return self._current

    def _leave(self) -> None:
        if self._current is not None:
            self._current.close()
        self._current = None
        self._renamed_at = None
