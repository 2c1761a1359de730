"""The newest lines of the programs' logs."""

from __future__ import annotations

from collections import deque
from pathlib import Path


def last_lines(path: Path, count: int) -> list[str]:
    """At most `count` lines from the end; empty where there is no log yet."""
    try:
        with path.open(errors="replace") as file:
            return [line.rstrip("\n") for line in deque(file, maxlen=count)]
    except FileNotFoundError:
        return []
