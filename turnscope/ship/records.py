"""Turns a line of a bot's log into a log record of ours: mapped, typed, pseudonymised, redacted.

The same line with the same time of reading always gives the same record, to the byte: that is what
lets the log store recognise a line that had to be sent twice.
"""

import json
import uuid
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from typing import Any

from opentelemetry._logs import SeverityNumber

from turnscope.instrument import Pseudonyms, redact
from turnscope.ship.fitting import BODY_CHARACTERS, fit
from turnscope.ship.lines import Line
from turnscope.ship.mapping import EVENTS, PARTS_OF_A_RECORD, Mapping
from turnscope.ship.times import read_time
from turnscope.ship.values import (
    ABSENT,
    IDENTIFIERS,
    TEXTS,
    Scalar,
    as_scalar,
    as_text,
    find,
    is_true,
    read_level,
)

TURN_NAMESPACE = uuid.UUID("6f1c1d5e-3a0b-5d0e-9f1a-7b7a54a1c001")


@dataclass(frozen=True)
class Record:
    """One log record. Times are nanoseconds since 1970; ids are bytes, empty for none."""

    timestamp_ns: int
    observed_ns: int
    body: str
    severity: SeverityNumber = SeverityNumber.UNSPECIFIED
    severity_text: str = ""
    attributes: AnyMapping[str, Scalar] = field(default_factory=dict)
    trace_id: bytes = b""
    span_id: bytes = b""
    is_bad_line: bool = False
    unmapped: tuple[str, ...] = ()


class RecordMaker:
    """Makes records of the lines of one source; `name` is what the source is called in them."""

    def __init__(
        self,
        name: str,
        service: str,
        mapping: Mapping,
        pseudonyms: Pseudonyms,
        *,
        texts: bool = True,
    ) -> None:
        self._name = name
        self._service = service
        self._mapping = mapping
        self._pseudonyms = pseudonyms
        self._texts = texts
        self._paths = mapping.paths()
        self._zone = mapping.zone
        self._named = {path.split(".")[0] for paths in self._paths.values() for path in paths}
        self._named |= {path for paths in self._paths.values() for path in paths}
        self._named |= {path.split(".")[0] for path in mapping.keep} | set(mapping.keep)
        self._named |= {path.split(".")[0] for rule in mapping.events.values() for path in rule}

    def make(self, line: Line, read_ns: int, nth_ns: int) -> Record:
        """`read_ns`: when the batch was read; `nth_ns` keeps lines without a time in order."""
        origin: dict[str, Scalar] = {
            "log.file.name": self._name,
            "log.file.record_offset": line.offset,
        }
        fields = _as_object(line.data)
        if fields is None:
            body = redact(line.data.decode("utf-8", "replace"))[:BODY_CHARACTERS]
            return Record(
                read_ns + nth_ns,
                read_ns,
                body,
                attributes={**origin, "parse_error": True},
                is_bad_line=True,
            )
        timestamp = read_time(
            self._value(fields, "timestamp"), self._mapping.timestamp_formats, self._zone
        )
        severity, severity_text = read_level(self._value(fields, "level"), self._mapping.levels)
        attributes = self._attributes(fields, line)
        failed = severity.value >= SeverityNumber.ERROR.value
        if failed or is_true(self._value(fields, "error")):
            attributes.setdefault("error_flag", True)
        self._complete_turn(attributes, line)
        return Record(
            timestamp_ns=timestamp or read_ns + nth_ns,
            observed_ns=read_ns,
            body=self._body(fields, attributes),
            severity=severity,
            severity_text=severity_text,
            attributes=fit({**attributes, **origin}),
            trace_id=_as_id(self._value(fields, "trace_id"), 16),
            span_id=_as_id(self._value(fields, "span_id"), 8),
            unmapped=tuple(name for name in fields if name not in self._named),
        )

    def _value(self, fields: dict[str, Any], name: str) -> Any:
        """The first value that is there and not null; None without one."""
        for path in self._paths.get(name, ()):
            value = find(fields, path)
            if value is not ABSENT and value is not None:
                return value
        return None

    def _attributes(self, fields: dict[str, Any], line: Line) -> dict[str, Scalar]:
        found: dict[str, Scalar] = {}
        for name in self._paths:
            if name in PARTS_OF_A_RECORD or (name in TEXTS and not self._texts):
                continue
            raw = self._value(fields, name)
            unit = self._mapping.units.get(name, "ms")  # type: ignore[call-overload]
            value = None if raw is None else as_scalar(name, raw, unit)
            if value is not None:
                found[name] = self._cleaned(name, value)
        for path in self._mapping.keep:
            value = as_text(find(fields, path)) if find(fields, path) is not ABSENT else None
            if value is not None:
                found[path] = redact(value)
        event = self._event(fields, found)
        if event:
            found["event.name"] = event
        return found

    def _cleaned(self, name: str, value: Scalar) -> Scalar:
        if not isinstance(value, str):
            return value
        if name == "user_id":
            return self._pseudonyms.of(value)
        if name in self._mapping.pseudonyms or (name in IDENTIFIERS and redact(value) != value):
            # A session named after a telephone number: masked, all sessions would become one.
            return "s" + self._pseudonyms.of(value)[1:]
        return redact(value)

    def _event(self, fields: dict[str, Any], found: dict[str, Scalar]) -> str | None:
        for name, conditions in self._mapping.events.items():
            if all(find(fields, path) == wanted for path, wanted in conditions.items()):
                return name
        named = self._value(fields, "event")
        if named in EVENTS:
            return str(named)
        whole_turn = {"session_id", "user_query", "bot_response"}
        with_texts = {name for name in whole_turn if self._value(fields, name) is not None}
        return "turn_finished" if with_texts == whole_turn else None

    def _complete_turn(self, attributes: dict[str, Scalar], line: Line) -> None:
        if attributes.get("event.name") != "turn_finished":
            return
        failed = bool(attributes.setdefault("error_flag", False))
        attributes.setdefault("outcome", "failed" if failed else "answered")
        # Readers count turns by their id; this one is the same whenever the line is read again.
        made_of = f"{self._service} {self._name} {line.offset} {line.data!r}"
        attributes.setdefault("turn_id", str(uuid.uuid5(TURN_NAMESPACE, made_of)))

    def _body(self, fields: dict[str, Any], attributes: dict[str, Scalar]) -> str:
        event = attributes.get("event.name")
        if event:
            return str(event)
        text = as_text(self._value(fields, "message"))
        if not text:
            error = self._value(fields, "error")
            text = as_text(error) if is_true(error) else ""
        return redact(text or "")[:BODY_CHARACTERS]


def _as_object(data: bytes) -> dict[str, Any] | None:
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _as_id(value: Any, length: int) -> bytes:
    try:
        raw = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        return b""
    return raw if len(raw) == length and any(raw) else b""
