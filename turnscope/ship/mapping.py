"""Which of a bot's own log fields is which of ours: the mapping file and its defaults."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from turnscope.contract import read_contract

# Events that a bot's log can tell of; the others are said by the services themselves.
EVENTS = ("turn_finished", "feedback_given", "session_ended")
PARTS_OF_A_RECORD = ("timestamp", "level", "message", "event", "error", "trace_id", "span_id")

DEFAULT_FIELDS: dict[str, tuple[str, ...]] = {
    "timestamp": ("timestamp", "@timestamp", "ts", "time", "datetime", "asctime", "created"),
    "level": ("level", "severity", "levelname", "log_level", "log.level", "lvl"),
    "message": ("message", "msg", "body", "text", "event"),
    "event": ("event.name", "event_name", "event"),
    "error": ("error", "err", "exception", "exc_info"),
    "trace_id": ("trace_id", "traceId", "trace.id", "otelTraceID"),
    "span_id": ("span_id", "spanId", "span.id", "otelSpanID"),
    "session_id": (
        "session_id", "sessionId", "session.id", "session", "conversation_id", "conversationId",
        "conversation.id", "conversation", "dialog_id", "sender_id", "chat_id", "thread_id",
    ),
    "turn_id": ("turn_id", "turnId", "turn.id", "message_id", "messageId", "request_id"),
    "turn_index": ("turn_index", "turn_number", "turn"),
    "user_id": ("user_id", "userId", "user.id", "user", "customer_id", "uid", "username"),
    "user_query": ("user_query", "query", "question", "user_message", "user_text", "input"),
    "bot_response": ("bot_response", "response", "answer", "reply", "bot_message", "output"),
    "model_name": ("model_name", "model", "llm", "gen_ai.response.model"),
    "latency_ms": (
        "latency_ms", "duration_ms", "elapsed_ms", "response_time_ms", "latency", "duration",
    ),
    "tokens_used": ("tokens_used", "total_tokens", "usage.total_tokens", "tokens"),
    "error_flag": ("error_flag", "is_error", "failed"),
    "intent": ("intent", "intent.name", "nlu.intent"),
    "confidence": ("confidence", "intent.confidence", "intent_confidence"),
}  # fmt: skip
"""Our field -> paths of theirs, the first that is there wins."""


class MappingError(Exception):
    """A mapping file that cannot be used; the text is one sentence."""


def known_fields() -> frozenset[str]:
    """Every field that a mapping may name: those of the contract, and the parts of a log record."""
    events = read_contract().events
    of_events = {field for event in EVENTS for field in events[event].fields}
    return frozenset(of_events | set(PARTS_OF_A_RECORD))


class Mapping(BaseModel):
    """A mapping file. docs/ship-your-logs.md describes every key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: str | None = None
    defaults: bool = True
    fields: dict[str, tuple[str, ...]] = {}
    timestamp_formats: tuple[str, ...] = ()
    timezone: str = "UTC"
    units: dict[Literal["latency_ms", "first_token_ms"], Literal["s", "ms", "us", "ns"]] = {}
    levels: dict[str, str] = {}
    events: dict[Literal["turn_finished", "feedback_given", "session_ended"], dict[str, Any]] = {}
    pseudonyms: tuple[Literal["session_id", "turn_id", "source_id"], ...] = ()
    keep: tuple[str, ...] = ()

    @field_validator("fields", mode="before")
    @classmethod
    def _one_path_is_a_list_of_one(cls, fields: object) -> object:
        if not isinstance(fields, dict):
            return fields
        return {
            name: (paths,) if isinstance(paths, str) else paths for name, paths in fields.items()
        }

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        _refuse_unknown("fields", self.fields)
        taken = known_fields() & set(self.keep)
        if taken:
            raise ValueError(f"keep: {', '.join(sorted(taken))} belongs under fields")
        if len(self.keep) > 20:
            raise ValueError("keep: more than 20 fields; a log record in Loki has room for 128")
        return self

    @field_validator("timezone")
    @classmethod
    def _zone_is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{name!r} is no time zone, e.g. Europe/Berlin is one") from error
        return name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def paths(self) -> dict[str, tuple[str, ...]]:
        """Our field -> paths to look at, defaults included where they are wanted."""
        return {**(DEFAULT_FIELDS if self.defaults else {}), **self.fields}


def read_mapping(file: Path | None) -> Mapping:
    """The mapping of that file, the defaults without one. MappingError tells what is wrong."""
    if file is None:
        return Mapping()
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise MappingError(f"The mapping {file} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        told = " ".join(str(error).split())
        raise MappingError(f"The mapping {file} is no YAML: {told}.") from error
    try:
        return Mapping.model_validate({} if content is None else content)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        told = problem["msg"].removeprefix("Value error, ")
        raise MappingError(f"The mapping {file}: {where + ': ' if where else ''}{told}.") from error


def _refuse_unknown(where: str, names: Iterable[str]) -> None:
    unknown = sorted(set(names) - known_fields())
    if unknown:
        raise ValueError(
            f"{where}: {', '.join(unknown)} is none of our fields: "
            + ", ".join(sorted(known_fields()))
        )
