"""The files that a log has been, is and was rotated to."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from turnscope.ship.lines import Line, LineSplitter
from turnscope.ship.position import FINGERPRINT_BYTES, Fingerprint, Position

# One chunk becomes one batch for the collector; its limit is far above (20 MiB a request).
CHUNK_BYTES = 256 * 1024


class Generation:
    """One file that has, or had, the followed name; held open, so that a rename does no harm."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        """OSError when the file cannot be opened."""
        self._file: BinaryIO = path.open("rb", buffering=0)
        status = os.fstat(self._file.fileno())
        self.inode = status.st_ino
        self._splitter = LineSplitter(offset)
        self._fingerprint = Fingerprint.of(self._head)

    @property
    def at_end(self) -> bool:
        return self._splitter.read_to >= self.status().st_size

    @property
    def given_to(self) -> int:
        """Where the first line begins that has not been given out."""
        return self._splitter.offset

    def status(self) -> os.stat_result:
        return os.fstat(self._file.fileno())

    def read_lines(self) -> list[Line]:
        """The whole lines of the next chunk; empty at the end, or inside a long line."""
        chunk = os.pread(self._file.fileno(), CHUNK_BYTES, self._splitter.read_to)
        return self._splitter.feed(chunk)

    def unfinished(self) -> bytes:
        return self._splitter.unfinished()

    def finish(self) -> list[Line]:
        return self._splitter.finish()

    def was_truncated(self) -> bool:
        """True when this is not the content any more that was read so far."""
        if self.status().st_size < self._splitter.read_to:
            return True
        if not self._fingerprint.fits(self._head):
            return True
        if self._fingerprint.length < FINGERPRINT_BYTES:
            self._fingerprint = Fingerprint.of(self._head)
        return False

    def position(self, offset: int) -> Position:
        """The position that has everything before `offset` accepted."""
        return Position(self.inode, self._fingerprint, offset)

    def close(self) -> None:
        self._file.close()

    def _head(self, length: int) -> bytes:
        return os.pread(self._file.fileno(), length, 0)


def read_head(path: Path) -> Callable[[int], bytes]:
    """A reader of a file's beginning, for fingerprints; nothing where it cannot be read."""

    def read(length: int) -> bytes:
        try:
            with path.open("rb") as stream:
                return stream.read(length)
        except OSError:
            return b""

    return read


def rotated_siblings(path: Path) -> list[Path]:
    """app.log.1, app.log-20240131 and their like, oldest first. Packed ones are not read."""
    pattern = re.compile(re.escape(path.name) + r"[.-]\d[\d.-]*$")
    dated = []
    for sibling in path.parent.iterdir():
        if pattern.fullmatch(sibling.name):
            status = _status(sibling)
            if status is not None:
                dated.append((status.st_mtime_ns, sibling))
    return [sibling for _, sibling in sorted(dated)]


def find_holder(path: Path, position: Position) -> Path | None:
    """The file that holds what the position speaks of: the path itself, or what became of it."""
    candidates = [path, *reversed(rotated_siblings(path)), *_same_inode(path, position.inode)]
    for candidate in candidates:
        status = _status(candidate)
        if status is None or status.st_size < position.offset:
            continue
        if not position.fingerprint.length and status.st_ino != position.inode:
            continue
        if position.fingerprint.fits(read_head(candidate)):
            return candidate
    return None


def later_generations(path: Path, status: os.stat_result, position: Position) -> list[Path]:
    """What was written after the file of that status, oldest first; the path itself last.

    Copies of that file are left out: they begin as it does.
    """
    siblings = []
    for sibling in rotated_siblings(path):
        its = _status(sibling)
        if its is None or its.st_ino == status.st_ino or its.st_mtime_ns <= status.st_mtime_ns:
            continue
        if not position.fingerprint.length or not position.fingerprint.fits(read_head(sibling)):
            siblings.append(sibling)
    return [*siblings, path]


def _same_inode(path: Path, inode: int) -> list[Path]:
    """Files of that inode under whatever name, beside the path or beside what it links to."""
    found = []
    for folder in {path.parent, path.resolve().parent}:
        try:
            with os.scandir(folder) as entries:
                found += [Path(entry.path) for entry in entries if entry.inode() == inode]
        except OSError:
            continue
    return found


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
