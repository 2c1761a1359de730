"""Where the tests find the engines of native mode."""

from __future__ import annotations

import os
from pathlib import Path

from turnscope.native.build import ensure_engines

ROOT = Path(__file__).parents[2]


def binaries(*engines: str) -> dict[str, Path]:
    """Paths by name of the program; what is missing in the cache is built first (minutes)."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    cache = os.environ.get("TURNSCOPE_CACHE") or f"{base}/turnscope"
    return ensure_engines(engines, ROOT, Path(cache), print)
