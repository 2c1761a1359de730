"""Where the tests find the engines of native mode."""

from __future__ import annotations

import socket
from pathlib import Path

from turnscope.native.build import ensure_engines
from turnscope.native.settings import NativeSettings

ROOT = Path(__file__).parents[2]


def binaries(*engines: str) -> dict[str, Path]:
    """Paths by name of the program; what is missing in the cache is built first (minutes)."""
    return ensure_engines(engines, ROOT, NativeSettings().cache, print)


def free_address() -> str:
    """host:port on loopback that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"
