"""The time of day and waiting, so that tests can stand still."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """now: seconds since the Unix epoch. sleep: waits for so many seconds."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


REAL_CLOCK = Clock()
