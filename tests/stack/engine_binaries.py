"""Where the tests find the engines of native mode."""

from __future__ import annotations

from pathlib import Path

from turnscope.native.build import ensure_engines
from turnscope.native.settings import NativeSettings

ROOT = Path(__file__).parents[2]


def binaries(*engines: str) -> dict[str, Path]:
    """Paths by name of the program; what is missing in the cache is built first (minutes)."""
    return ensure_engines(engines, ROOT, NativeSettings().cache, print)
