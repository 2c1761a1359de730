"""Where shipping stopped, kept on disk: what was accepted, and what was on its way."""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Self

# Enough to tell two log files apart: time stamps differ within the first lines.
FINGERPRINT_BYTES = 1024


class StateError(Exception):
    """A state folder that cannot be used; the text is one sentence."""


@dataclass(frozen=True)
class Fingerprint:
    """The first `length` bytes of a file, as a digest. Length 0 fits every file."""

    length: int
    digest: str

    @classmethod
    def of(cls, read: Callable[[int], bytes], length: int = FINGERPRINT_BYTES) -> Self:
        """`read(n)` gives up to n bytes from the file's beginning."""
        head = read(length)
        return cls(len(head), hashlib.sha256(head).hexdigest())

    def fits(self, read: Callable[[int], bytes]) -> bool:
        """True when the file begins with the same bytes; it may have grown since."""
        return Fingerprint.of(read, self.length) == self


@dataclass(frozen=True)
class Pending:
    """A batch that is on its way: its bytes in the file, and when it was read (ns since 1970).

    Sent again after a crash it must be the same to the byte, or the log store keeps both.
    """

    start: int
    end: int
    read_ns: int


@dataclass(frozen=True)
class Position:
    """How far a file has been accepted, and what was on its way beyond that."""

    inode: int
    fingerprint: Fingerprint
    offset: int
    pending: Pending | None = None

    def announce(self, pending: Pending | None) -> Self:
        """The same position with that batch on its way."""
        return replace(self, pending=pending)


class PositionFile:
    """The state of one followed path. Opening it locks out a second follower of the same path."""

    def __init__(self, folder: Path, followed: Path) -> None:
        digest = hashlib.sha256(str(followed.absolute()).encode()).hexdigest()[:16]
        self.path = folder / f"{followed.name}-{digest}.json"
        self.followed = followed
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock: IO[str] = self.path.with_suffix(".lock").open("w")
        except OSError as error:
            raise StateError(
                f"The position cannot be kept in {folder}: {error.strerror}."
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise StateError(f"Another turnscope ship follows {followed} already.") from error

    def read(self) -> Position | None:
        """The position, None when there is none or it cannot be read: then all is shipped again."""
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            pending = kept["pending"]
            return Position(
                int(kept["inode"]),
                Fingerprint(**kept["fingerprint"]),
                int(kept["offset"]),
                Pending(**pending) if pending else None,
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def write(self, position: Position) -> None:
        """Replace the position at once and wholly. StateError when the disk does not take it."""
        kept = {"path": str(self.followed.absolute()), **asdict(position)}
        new = self.path.with_suffix(".new")
        try:
            with new.open("w", encoding="utf-8") as stream:
                json.dump(kept, stream)
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(self.path)
        except OSError as error:
            raise StateError(
                f"The position cannot be written to {self.path}: {error.strerror}."
            ) from error

    def close(self) -> None:
        self._lock.close()
