"""Which telemetry names the source code mentions, read from its syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("demo_services", "turnscope/instrument", "examples")
LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


@cache
def trees() -> tuple[tuple[str, ast.AST], ...]:
    """(path, tree) of every module that may write telemetry."""
    paths = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    return tuple((str(path.relative_to(ROOT)), ast.parse(path.read_text())) for path in paths)


def calls(*methods: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a method with one of these names."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in methods
            ):
                yield path, node


def first_words(*methods: str) -> dict[str, set[str]]:
    """First arguments that are plain strings -> the files they stand in."""
    found: dict[str, set[str]] = {}
    for path, call in calls(*methods):
        if call.args and isinstance(call.args[0], ast.Constant):
            found.setdefault(str(call.args[0].value), set()).add(path)
    return found


def log_fields() -> dict[str, set[str]]:
    """Keys of `extra={...}` of log calls -> the files they stand in."""
    found: dict[str, set[str]] = {}
    for path, call in calls(*LOG_METHODS):
        for keyword in call.keywords:
            if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict):
                for key in keyword.value.keys:
                    if isinstance(key, ast.Constant):
                        found.setdefault(str(key.value), set()).add(path)
    return found


def mentions(name: str) -> bool:
    """Whether some string in the code is `name`."""
    return any(
        isinstance(node, ast.Constant) and node.value == name
        for _, tree in trees()
        for node in ast.walk(tree)
    )
