"""Opens what is to be shipped: a file with its kept position, or standard input."""

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from turnscope.ship.follower import RENAME_GRACE_SECONDS, FileFollower
from turnscope.ship.position import Pending, Position, PositionFile
from turnscope.ship.shipper import Source
from turnscope.ship.stream import StreamFollower

STDIN = "-"


class WrongUseError(Exception):
    """Something asked for that cannot be done; the text is one sentence."""


@dataclass(frozen=True)
class Opened:
    """A source, what it is called in records, where its position is kept, what was on its way."""

    source: Source
    name: str
    keep: Callable[[Position], None]
    pending: Pending | None


def open_source(
    file: str,
    *,
    once: bool,
    tell: Callable[[str], None],
    state_folder: Path | None,
    stack: ExitStack,
) -> Opened:
    """Open the file, or standard input for "-"; `stack` closes it. WrongUseError or StateError."""
    if file == STDIN:
        return Opened(StreamFollower(sys.stdin.fileno()), "stdin", _forget, None)
    path = Path(file)
    _refuse_unusable(path, once)
    positions = PositionFile(state_folder or default_state_folder(), path)
    stack.callback(positions.close)
    begin = positions.read()
    grace_seconds = 0.0 if once else RENAME_GRACE_SECONDS
    source = FileFollower(path, begin, tell, grace_seconds=grace_seconds)
    stack.callback(source.close)
    if not path.exists():
        tell(f"There is no {path} yet: shipping begins as soon as there is.")
    return Opened(source, path.name, positions.write, begin.pending if begin else None)


def default_state_folder() -> Path:
    """$TURNSCOPE_STATE/ship, without it the user's own folder for state."""
    state = os.environ.get("TURNSCOPE_STATE")
    if state:
        return Path(state) / "ship"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "turnscope/ship"


def _refuse_unusable(path: Path, once: bool) -> None:
    try:
        path.stat()
    except PermissionError:
        raise WrongUseError(f"{path} lies in a folder this user may not look into.") from None
    except OSError:
        pass  # not there yet: looked at below
    if path.is_dir():
        raise WrongUseError(f"{path} is a folder; a log file of JSON lines is expected.")
    if not path.exists():
        if once or not path.parent.is_dir():
            raise WrongUseError(f"There is no file {path}.")
        return
    if not os.access(path, os.R_OK):
        raise WrongUseError(f"{path} may not be read by this user.")


def _forget(position: Position) -> None:
    """A pipe cannot be read again: there is nothing to keep."""
