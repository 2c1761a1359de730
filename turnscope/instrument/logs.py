"""Log records: one JSON object a line on stdout, and the same record over OTLP.

Both outlets share one chain of filters, so that what is redacted in one is redacted in the other.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any

from opentelemetry import trace
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggerProvider, LogRecordProcessor, ReadWriteLogRecord
from pythonjsonlogger.json import JsonFormatter

from turnscope.instrument.context import IdentityFilter
from turnscope.instrument.redaction import redact

FIELDS_OF_EVERY_LINE = (
    "session_id", "user_id", "turn_id", "model_name", "latency_ms", "tokens_used", "error_flag",
)  # fmt: skip
"""Fields that every JSON line has, null where they do not apply: a query may rely on them."""

_OWN_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class RedactionFilter(logging.Filter):
    """Redacts message, extra fields and exception of a record before anyone formats it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; keep it."""
        record.msg = redact(record.getMessage())
        record.args = None
        if record.exc_info and record.exc_info[0] is not None:
            kind, error, _ = record.exc_info
            setattr(record, "exception.type", kind.__name__)
            setattr(record, "exception.message", str(error))
            text = "".join(traceback.format_exception(*record.exc_info))
            setattr(record, "exception.stacktrace", text)
            record.exc_info = record.exc_text = None
        for name, value in vars(record).items():
            if name not in _OWN_ATTRIBUTES and isinstance(value, str):
                setattr(record, name, redact(value))
        return True


class LineFormatter(JsonFormatter):
    """The stdout form: time, level, service, message, trace and span id, and the fields."""

    def __init__(self, service_name: str) -> None:
        super().__init__(timestamp=True, json_ensure_ascii=False)
        self._service_name = service_name

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """Fill the object that becomes the line."""
        super().add_fields(log_data, record, message_dict)
        log_data.update(level=record.levelname, logger=record.name, service=self._service_name)
        span = trace.get_current_span().get_span_context()
        if span.is_valid:
            log_data.setdefault("trace_id", trace.format_trace_id(span.trace_id))
            log_data.setdefault("span_id", trace.format_span_id(span.span_id))
        for name in FIELDS_OF_EVERY_LINE:
            log_data.setdefault(name, None)


class EventNameProcessor(LogRecordProcessor):
    """Keeps `event.name` as an attribute.

    The logging handler moves it into OTLP's own field, which Loki 3.7 does not store.
    """

    def on_emit(self, log_record: ReadWriteLogRecord) -> None:
        """Copy the event's name back among the attributes."""
        record = log_record.log_record
        if record.event_name and record.attributes is not None:
            record.attributes["event.name"] = record.event_name  # type: ignore[index]

    def shutdown(self) -> None:
        """Nothing to release."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing waits."""
        return True


def attach_outlets(
    logger: logging.Logger, service_name: str, provider: LoggerProvider, *, stdout: bool = True
) -> None:
    """Give `logger` the JSON outlet and the OTLP outlet, in place of the handlers it had.

    A handler of `opentelemetry-instrument` that is already there stays and gets the same filters.
    """
    handlers: list[logging.Handler] = [
        handler for handler in logger.handlers if isinstance(handler, LoggingHandler)
    ] or [LoggingHandler(logger_provider=provider)]
    if stdout:
        lines = logging.StreamHandler(sys.stdout)
        lines.setFormatter(LineFormatter(service_name))
        handlers.append(lines)
    for handler in handlers:
        handler.addFilter(IdentityFilter())
        handler.addFilter(RedactionFilter())
    logger.handlers[:] = handlers
    logger.setLevel(logging.INFO)


def quieten_libraries() -> None:
    """Raise the level of libraries whose lines say what spans and metrics say better."""
    for name in ("httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Each retry of an exporter is a warning: while the collector is away, several a second.
    logging.getLogger("opentelemetry.exporter").setLevel(logging.ERROR)
