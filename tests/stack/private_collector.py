"""The collector with the project's configuration, alone; a sink stands in for the three stores."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import httpx
import yaml
from engine_binaries import ROOT, binaries
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from waiting import free_address

Request = ExportTraceServiceRequest | ExportLogsServiceRequest

READY_SECONDS = 30
STOP_SECONDS = 30


class Otelcol:
    """One process. `kill` is a crash; what lies in its folder is there for the next `start`."""

    def __init__(self, config: Path, folder: Path, environment: dict[str, str]) -> None:
        self.otlp_grpc, self.otlp_http, self._health = (free_address() for _ in range(3))
        metrics_host, _, metrics_port = free_address().rpartition(":")
        self._command = [str(binaries("collector")["otelcol"]), f"--config={config}"]
        self._log = folder / f"{config.stem}.log"
        self._environment = {
            "OTLP_GRPC_LISTEN": self.otlp_grpc,
            "OTLP_HTTP_LISTEN": self.otlp_http,
            "COLLECTOR_HEALTH_LISTEN": self._health,
            "COLLECTOR_METRICS_HOST": metrics_host,
            "COLLECTOR_METRICS_PORT": metrics_port,
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env={**os.environ, **self._environment}, stdout=log, stderr=log
            )
        deadline = time.monotonic() + READY_SECONDS
        while not self._is_ready():
            alive = self._process.poll() is None and time.monotonic() < deadline
            assert alive, self._log.read_text(encoding="utf-8")
            time.sleep(0.1)

    def send(self, request: Request) -> None:
        """Raises httpx.HTTPStatusError if the collector refuses the request."""
        kind = "traces" if isinstance(request, ExportTraceServiceRequest) else "logs"
        httpx.post(
            f"http://{self.otlp_http}/v1/{kind}",
            content=request.SerializeToString(),
            headers={"Content-Type": "application/x-protobuf"},
            trust_env=False,
        ).raise_for_status()

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, with_signal: signal.Signals) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(with_signal)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"http://{self._health}/", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False


def project_collector(folder: Path, sink_url: str, traces: str, percent: int) -> Otelcol:
    """The configuration under test. `traces` is host:port of an OTLP receiver over gRPC."""
    targets = folder / "targets.yml"
    targets.write_text("[]\n", encoding="utf-8")
    environment = {
        "PROMETHEUS_URL": sink_url,
        "LOKI_URL": sink_url,
        "TRACES_OTLP_ENDPOINT": traces,
        "SCRAPE_TARGETS_FILE": str(targets),
        "QUEUE_DIRECTORY": str(folder / "queue"),
        "SAMPLING_PERCENT": str(percent),
        "DEPLOYMENT_ENVIRONMENT": "test",
    }
    return Otelcol(ROOT / "collector" / "config.yaml", folder, environment)


def trace_relay(folder: Path, sink_url: str) -> Otelcol:
    """Turns OTLP over gRPC, which the trace exporter speaks, into what the sink understands."""
    config = {
        "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": "${env:OTLP_GRPC_LISTEN}"}}}},
        "exporters": {
            "otlp_http": {
                "endpoint": sink_url,
                "sending_queue": {"enabled": False},
                "retry_on_failure": {"enabled": False},
            }
        },
        "extensions": {"health_check": {"endpoint": "${env:COLLECTOR_HEALTH_LISTEN}"}},
        "service": {
            "extensions": ["health_check"],
            "telemetry": {"metrics": {"level": "none"}},
            "pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["otlp_http"]}},
        },
    }
    path = folder / "relay.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return Otelcol(path, folder, {})
