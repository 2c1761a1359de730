"""Telemetry that keeps everything in memory, for tests of whatever is instrumented."""

from __future__ import annotations

import itertools
import logging

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry

from turnscope.instrument import providers
from turnscope.instrument.context import IdentitySpanProcessor
from turnscope.instrument.logs import EventNameProcessor, attach_outlets
from turnscope.instrument.settings import TelemetrySettings
from turnscope.instrument.telemetry import Telemetry

_serial = itertools.count()


class InMemoryTelemetry(Telemetry):
    """A `Telemetry` whose spans, log records and metrics can be asked for."""

    def __init__(
        self,
        service_name: str,
        *,
        settings: TelemetrySettings | None = None,
        model_version: str | None = None,
        door: bool = False,
    ) -> None:
        settings = settings or TelemetrySettings(pseudonym_key="in-memory", exemplar_interval_s=0)
        resource = providers.describe_resource(service_name, model_version, settings)
        self._span_exporter = InMemorySpanExporter()
        tracers = TracerProvider(resource=resource)
        tracers.add_span_processor(IdentitySpanProcessor())
        tracers.add_span_processor(SimpleSpanProcessor(self._span_exporter))
        self._log_exporter = InMemoryLogRecordExporter()  # type: ignore[no-untyped-call]
        loggers = LoggerProvider(resource=resource)
        loggers.add_log_record_processor(EventNameProcessor())
        loggers.add_log_record_processor(SimpleLogRecordProcessor(self._log_exporter))
        log = logging.getLogger(f"turnscope.in_memory.{service_name}.{next(_serial)}")
        log.propagate = False
        attach_outlets(log, service_name, loggers, stdout=False)
        super().__init__(
            service_name,
            settings=settings,
            tracers=tracers,
            loggers=loggers,
            registry=CollectorRegistry(),
            log=log,
            model_version=model_version,
            door=door,
        )

    def spans(self) -> list[ReadableSpan]:
        """The spans that have ended, oldest first."""
        return list(self._span_exporter.get_finished_spans())

    def log_records(self) -> list[dict[str, object]]:
        """The log records, oldest first: their attributes, and `body`, `trace_id`, `span_id`."""
        return [
            {
                **dict(data.log_record.attributes or {}),
                "body": data.log_record.body,
                "trace_id": f"{data.log_record.trace_id or 0:032x}",
                "span_id": f"{data.log_record.span_id or 0:016x}",
            }
            for data in self._log_exporter.get_finished_logs()
        ]
