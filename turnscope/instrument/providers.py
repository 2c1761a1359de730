"""Tracer and logger providers that export over OTLP, or into memory for tests."""

from __future__ import annotations

import os
import socket

from opentelemetry import _logs, trace
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from turnscope.instrument.context import IdentitySpanProcessor
from turnscope.instrument.logs import EventNameProcessor
from turnscope.instrument.settings import TelemetrySettings

_BATCH = 512


def describe_resource(
    service_name: str, model_version: str | None, settings: TelemetrySettings
) -> Resource:
    """What every span and log record says of the process that made it."""
    attributes = {
        "service.name": service_name,
        "service.version": settings.service_version,
        "deployment.environment.name": settings.environment,
        "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
    }
    if model_version:
        attributes["conversation.model.version"] = model_version
    return Resource.create(attributes)


def tracer_provider(resource: Resource, settings: TelemetrySettings) -> TracerProvider:
    """The provider of `opentelemetry-instrument` if it runs, else one of our own that exports."""
    present = trace.get_tracer_provider()
    if isinstance(present, TracerProvider):
        present.add_span_processor(IdentitySpanProcessor())
        return present
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(IdentitySpanProcessor())
    provider.add_span_processor(
        BatchSpanProcessor(
            OTLPSpanExporter(),
            max_queue_size=settings.export_queue_size,
            schedule_delay_millis=settings.export_interval_ms,
            max_export_batch_size=_BATCH,
        )
    )
    return provider


def logger_provider(resource: Resource, settings: TelemetrySettings) -> LoggerProvider:
    """The provider of `opentelemetry-instrument` if it exports logs, else one of our own."""
    present = _logs.get_logger_provider()
    if isinstance(present, LoggerProvider):
        return present
    provider = LoggerProvider(resource=resource)
    provider.add_log_record_processor(EventNameProcessor())
    provider.add_log_record_processor(
        BatchLogRecordProcessor(
            OTLPLogExporter(),
            schedule_delay_millis=settings.export_interval_ms,
            max_queue_size=settings.export_queue_size,
            max_export_batch_size=_BATCH,
        )
    )
    return provider
