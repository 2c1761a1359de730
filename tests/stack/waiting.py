"""What every stack test needs: a free address, and patience that says what it waits for."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T], awaited: str, seconds: float = 30.0) -> T:
    """The first truthy look; a time-out names what is awaited."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"{awaited} did not come within {seconds:g} s"
        time.sleep(0.2)
    return found


def free_address() -> str:
    """host:port on 127.0.0.1 that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"
