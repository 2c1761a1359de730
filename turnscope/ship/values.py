"""Finds a value by its path in a line, and makes it what our field is."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from opentelemetry._logs import SeverityNumber

Scalar = str | int | float | bool
ABSENT = object()

TEXTS = frozenset({"user_query", "bot_response", "comment"})
IDENTIFIERS = frozenset({"session_id", "turn_id", "source_id"})
WHOLE = frozenset({"turn_index", "tokens_used", "rating", "turns"})
MEASURES = frozenset(
    {"latency_ms", "first_token_ms", "confidence", "margin", "sentiment", "cost_usd"}
)
FLAGS = frozenset({"error_flag", "fallback", "repair", "handoff", "out_of_scope", "streamed"})

MILLISECONDS = {"s": 1e3, "ms": 1.0, "us": 1e-3, "ns": 1e-6}
WITH_UNIT = re.compile(r"\s*([0-9.eE+-]+)\s*(ns|us|µs|ms|s)\s*")
NO = frozenset({"", "0", "false", "no", "none", "null", "off", "ok"})

SEVERITIES = {
    "TRACE": SeverityNumber.TRACE,
    "DEBUG": SeverityNumber.DEBUG,
    "INFO": SeverityNumber.INFO,
    "INFORMATION": SeverityNumber.INFO,
    "NOTICE": SeverityNumber.INFO2,
    "WARN": SeverityNumber.WARN,
    "WARNING": SeverityNumber.WARN,
    "ERROR": SeverityNumber.ERROR,
    "ERR": SeverityNumber.ERROR,
    "CRITICAL": SeverityNumber.FATAL,
    "FATAL": SeverityNumber.FATAL,
    "ALERT": SeverityNumber.FATAL,
    "EMERGENCY": SeverityNumber.FATAL,
}
# Bunyan and pino write numbers; their steps are ten apart.
NUMBERED = {10: "TRACE", 20: "DEBUG", 30: "INFO", 40: "WARN", 50: "ERROR", 60: "FATAL"}


def find(fields: Mapping[str, Any], path: str) -> Any:
    """The value at `a.b.0.c`, a key with the dots in its own name first; ABSENT without one."""
    if path in fields:
        return fields[path]
    if "." not in path:
        return ABSENT
    value: Any = fields
    for part in path.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return ABSENT
    return value


def as_scalar(name: str, value: Any, unit: str = "ms") -> Scalar | None:
    """`value` in the type of our field `name`; None where it cannot be that."""
    if name in FLAGS:
        return is_true(value)
    if name in WHOLE:
        number = _number(value)
        return None if number is None else round(number)
    if name in MEASURES:
        return _milliseconds(value, unit) if name.endswith("_ms") else _number(value)
    return as_text(value)


def as_text(value: Any) -> str | None:
    """A text of any value, None for none; objects as compact JSON."""
    if value is None:
        return None
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def is_true(value: Any) -> bool:
    """True for what a log means by an error or a flag that is set."""
    if isinstance(value, str):
        return value.strip().lower() not in NO
    return bool(value)


def read_level(value: Any, levels: Mapping[str, str]) -> tuple[SeverityNumber, str]:
    """Severity and its text in capitals; unspecified and an empty text for what is unknown."""
    text = NUMBERED.get(value, "") if isinstance(value, int) else str(value or "")
    text = levels.get(text, text).strip().upper()
    return SEVERITIES.get(text, SeverityNumber.UNSPECIFIED), text[:32]


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _milliseconds(value: Any, unit: str) -> float | None:
    named = WITH_UNIT.fullmatch(value) if isinstance(value, str) else None
    if named:
        value, unit = named.group(1), named.group(2).replace("µ", "u")
    number = _number(value)
    return None if number is None else number * MILLISECONDS[unit]
