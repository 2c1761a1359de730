"""A stand-in for the three stores: takes OTLP over HTTP, keeps it, and refuses on command."""

from __future__ import annotations

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class OtlpSink:
    """Listens on a free port of 127.0.0.1 between `__enter__` and `__exit__`."""

    def __init__(self) -> None:
        self.away = threading.Event()
        self.records: list[LogRecord] = []
        self.spans: list[Span] = []
        self.metrics: list[Metric] = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                if not sink.away.is_set():
                    sink.take(self.path, body)
                self.send_response(503 if sink.away.is_set() else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def take(self, path: str, body: bytes) -> None:
        if path.endswith("/v1/logs"):
            logs = ExportLogsServiceRequest.FromString(body)
            for group in logs.resource_logs:
                for scope in group.scope_logs:
                    self.records.extend(scope.log_records)
        elif path.endswith("/v1/traces"):
            traces = ExportTraceServiceRequest.FromString(body)
            for traced in traces.resource_spans:
                for tracer in traced.scope_spans:
                    self.spans.extend(tracer.spans)
        elif path.endswith("/v1/metrics"):
            metrics = ExportMetricsServiceRequest.FromString(body)
            for measured in metrics.resource_metrics:
                for meter in measured.scope_metrics:
                    self.metrics.extend(meter.metrics)

    def __enter__(self) -> OtlpSink:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
