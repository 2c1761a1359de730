"""The one object an assistant holds: providers, instruments, logger and the turn scope."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, cast

import prometheus_client
from fastapi import FastAPI, Request, Response
from opentelemetry import propagate
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CollectorRegistry

from turnscope.contract import read_contract
from turnscope.instrument import providers
from turnscope.instrument.exemplars import ExemplarGovernor
from turnscope.instrument.http_server import UNOBSERVED_PATHS, RequestMeter, metrics_response
from turnscope.instrument.logs import attach_outlets, quieten_libraries
from turnscope.instrument.metrics import Counter, Gauge, Histogram, Instruments
from turnscope.instrument.propagation import AllowListPropagator, link_to_caller
from turnscope.instrument.pseudonyms import Pseudonyms
from turnscope.instrument.redaction import redact
from turnscope.instrument.settings import TelemetrySettings
from turnscope.instrument.turn import Turn

if TYPE_CHECKING:
    import httpx
    from sqlalchemy.engine import Engine

    from turnscope.instrument.in_memory import InMemoryTelemetry

_TEXT_FIELDS = ("user_query", "bot_response")


class Telemetry:
    """Everything a service says of itself; see `from_environment` for the usual way to make one."""

    def __init__(
        self,
        service_name: str,
        *,
        settings: TelemetrySettings,
        tracers: TracerProvider,
        loggers: LoggerProvider,
        registry: CollectorRegistry,
        log: logging.Logger,
        model_version: str | None = None,
        door: bool = False,
    ) -> None:
        self.service_name = service_name
        self.registry = registry
        self.log = log
        self.tracer = tracers.get_tracer("turnscope")
        self._settings = settings
        self._tracers = tracers
        self._loggers = loggers
        self._door = door
        # Without it the instrumentations write the names of before 2024, full URLs among them.
        os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")
        # Instrumented servers and clients ask the global propagator; the API has no other way.
        propagate.set_global_textmap(AllowListPropagator(settings.propagation_hosts, door=door))
        self._contract = read_contract()
        self._pseudonyms = Pseudonyms(settings.pseudonym_key)
        governor = ExemplarGovernor(settings.exemplar_interval_s)
        self._instruments = Instruments(self._contract, registry, governor)
        if door:
            # They exist at 0 from the first scrape on: the first turn is a rise that is seen.
            self._take_turn_instruments()
        self.gauge("turnscope_release_info").set(
            1,
            service_version=settings.service_version,
            model_version=model_version or "none",
            deployment_environment_name=settings.environment,
        )

    @staticmethod
    def in_memory(service_name: str, *, door: bool = False) -> InMemoryTelemetry:
        """Telemetry for tests; see `InMemoryTelemetry`."""
        from turnscope.instrument.in_memory import InMemoryTelemetry

        return InMemoryTelemetry(service_name, door=door)

    @classmethod
    def from_environment(
        cls, service_name: str, *, model_version: str | None = None, door: bool = False
    ) -> Telemetry:
        """Providers that export to OTEL_EXPORTER_OTLP_ENDPOINT, and JSON lines on stdout.

        `door`: this service is where requests come in from outside; what their headers claim about
        traces and baggage is not believed. Under `opentelemetry-instrument` its providers are used.
        """
        settings = TelemetrySettings()
        resource = providers.describe_resource(service_name, model_version, settings)
        loggers = providers.logger_provider(resource, settings)
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
        attach_outlets(logging.getLogger(), service_name, loggers)
        quieten_libraries()
        log = logging.getLogger(f"turnscope.{service_name}")
        if not settings.pseudonym_key:
            log.warning("TURNSCOPE_PSEUDONYM_KEY is not set: user pseudonyms change at a restart")
        telemetry = cls(
            service_name,
            settings=settings,
            tracers=providers.tracer_provider(resource, settings),
            loggers=loggers,
            registry=prometheus_client.REGISTRY,
            log=log,
            model_version=model_version,
            door=door,
        )
        telemetry.emit(
            "release_deployed",
            service_version=settings.service_version,
            model_version=model_version,
        )
        return telemetry

    def instrument(self, app: FastAPI) -> None:
        """Server spans and RED metrics for every route of `app`, and GET /metrics."""
        duration = self.histogram("http_server_request_duration_seconds")
        app.add_middleware(RequestMeter, duration=duration)

        @app.get("/metrics", include_in_schema=False)
        def metrics(request: Request) -> Response:
            return metrics_response(request, self.registry)

        if getattr(app, "_is_instrumented_by_opentelemetry", False):
            return  # by opentelemetry-instrument
        FastAPIInstrumentor.instrument_app(
            app,
            tracer_provider=self._tracers,
            meter_provider=NoOpMeterProvider(),  # RED comes from RequestMeter alone
            excluded_urls=",".join(f"{path}$" for path in UNOBSERVED_PATHS),
            exclude_spans=["receive", "send"],
            server_request_hook=link_to_caller if self._door else None,
        )

    def instrument_client(self, client: httpx.AsyncClient | httpx.Client) -> None:
        """Client spans for every request of `client`."""
        from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor

        HTTPXClientInstrumentor.instrument_client(
            client, tracer_provider=self._tracers, meter_provider=NoOpMeterProvider()
        )

    def instrument_engine(self, engine: Engine) -> None:
        """Database spans with the statement, never its values; async: give `sync_engine`."""
        from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor

        SQLAlchemyInstrumentor().instrument(
            engine=engine, tracer_provider=self._tracers, meter_provider=NoOpMeterProvider()
        )

    def counter(self, name: str) -> Counter:
        """The counter of that name in the contract; KeyError if it is not declared."""
        return cast(Counter, self._instruments.get(name, "counter"))

    def histogram(self, name: str) -> Histogram:
        """The histogram of that name in the contract; KeyError if it is not declared."""
        return cast(Histogram, self._instruments.get(name, "histogram"))

    def gauge(self, name: str) -> Gauge:
        """The gauge of that name in the contract; KeyError if it is not declared."""
        return cast(Gauge, self._instruments.get(name, "gauge"))

    def pseudonym(self, user: str) -> str:
        """The keyed pseudonym of a user's name or number."""
        return self._pseudonyms.of(user)

    def redact(self, text: str) -> str:
        """`text` without e-mail addresses, phone, card and account numbers, and keys."""
        return redact(text)

    def emit(self, event: str, **fields: object) -> None:
        """Write a declared log event; fields that are None are left out.

        KeyError for an event, ValueError for a field that the contract does not declare.
        """
        declared = self._contract.events[event]
        unknown = fields.keys() - set(declared.fields)
        if unknown:
            raise ValueError(f"{event} declares no field {', '.join(sorted(unknown))}")
        kept = {
            name: value
            for name, value in fields.items()
            if value is not None and (self._settings.texts or name not in _TEXT_FIELDS)
        }
        self.log.info(event, extra={"event.name": event, **kept})

    def turn(
        self,
        *,
        session_id: str | None = None,
        turn_id: str | None = None,
        user_id: str | None = None,
        user_query: str | None = None,
        source_id: str | None = None,
        turn_index: int | None = None,
        streamed: bool = False,
    ) -> Turn:
        """The scope of one turn; ids that are missing are made, `user_id` becomes a pseudonym."""
        turns, duration, intents = self._take_turn_instruments()
        return Turn(
            turns=turns,
            duration=duration,
            intents=intents,
            emit=self.emit,
            session_id=session_id,
            turn_id=turn_id,
            user_pseudonym=self.pseudonym(user_id) if user_id else None,
            user_query=user_query,
            source_id=source_id,
            turn_index=turn_index,
            streamed=streamed,
        )

    def _take_turn_instruments(self) -> tuple[Counter, Histogram, Counter]:
        return (
            self.counter("conversation_turns_total"),
            self.histogram("conversation_turn_duration_seconds"),
            self.counter("conversation_intents_total"),
        )

    def shutdown(self) -> None:
        """Send what still waits, and stop the exporters."""
        self._tracers.shutdown()
        self._loggers.shutdown()
