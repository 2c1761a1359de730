"""Jaeger, Tempo and Loki as private processes on free ports of 127.0.0.1."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml
from engine_binaries import ROOT
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans
from waiting import eventually, free_address

START_SECONDS = 60
STOP_SECONDS = 10


@dataclass(frozen=True)
class Engine:
    """A running engine: where it is asked, and where it takes OTLP over HTTP."""

    kind: str
    url: str
    otlp_url: str

    def send(self, *groups: ResourceSpans) -> None:
        request = ExportTraceServiceRequest(resource_spans=groups)
        answer = httpx.post(
            f"{self.otlp_url}/v1/traces",
            content=request.SerializeToString(),
            headers={"Content-Type": "application/x-protobuf"},
            trust_env=False,
        )
        answer.raise_for_status()


@contextlib.contextmanager
def jaeger(binary: Path, folder: Path) -> Iterator[Engine]:
    query, otlp = free_address(), free_address()
    flags = {
        "query.http-server.host-port": query,
        "query.grpc-server.host-port": free_address(),
        "collector.otlp.http.host-port": otlp,
        "collector.otlp.grpc.host-port": free_address(),
        "collector.grpc-server.host-port": free_address(),
        "collector.http-server.host-port": free_address(),
        "admin.http.host-port": free_address(),
        "http-server.host-port": free_address(),
        # The agent's UDP ports: on every interface and fixed unless they are named.
        "processor.jaeger-binary.server-host-port": free_address(),
        "processor.jaeger-compact.server-host-port": free_address(),
        "processor.zipkin-compact.server-host-port": free_address(),
    }
    environment = {
        "SPAN_STORAGE_TYPE": "badger",
        "BADGER_EPHEMERAL": "false",
        "BADGER_DIRECTORY_VALUE": str(folder / "values"),
        "BADGER_DIRECTORY_KEY": str(folder / "keys"),
    }
    command = [str(binary), *(f"--{flag}={value}" for flag, value in flags.items())]
    with _running(command, environment, folder, f"http://{query}/api/services"):
        yield Engine("jaeger", f"http://{query}", f"http://{otlp}")


@contextlib.contextmanager
def tempo(binary: Path, folder: Path) -> Iterator[Engine]:
    """Tempo with the project's own configuration, and a receiver for OTLP over HTTP beside it."""
    query, otlp = free_address(), free_address()
    configuration = yaml.safe_load((ROOT / "tempo" / "config.yaml").read_text())
    protocols = configuration["distributor"]["receivers"]["otlp"]["protocols"]
    protocols["http"] = {"endpoint": otlp}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(configuration))
    environment = {
        "TEMPO_PORT": query.rpartition(":")[2],
        "TEMPO_GRPC_PORT": free_address().rpartition(":")[2],
        "TEMPO_OTLP_GRPC_LISTEN": free_address(),
        "TEMPO_DATA_DIRECTORY": str(folder / "data"),
    }
    command = [str(binary), f"-config.file={path}", "-config.expand-env=true"]
    with _running(command, environment, folder, f"http://{query}/ready"):
        yield Engine("tempo", f"http://{query}", f"http://{otlp}")


@contextlib.contextmanager
def loki(binary: Path, folder: Path) -> Iterator[str]:
    """Loki with the project's own configuration; gives its address."""
    address = free_address()
    environment = {
        "LOKI_PORT": address.rpartition(":")[2],
        "LOKI_GRPC_PORT": free_address().rpartition(":")[2],
        "LOKI_DATA_DIRECTORY": str(folder / "data"),
    }
    command = [
        str(binary), f"-config.file={ROOT / 'loki' / 'config.yaml'}", "-config.expand-env=true",
    ]  # fmt: skip
    with _running(command, environment, folder, f"http://{address}/ready"):
        yield f"http://{address}"


def tempo_binary() -> Path:
    found = shutil.which("tempo")
    assert found, "tests marked tempo were selected, and there is no `tempo` on PATH"
    return Path(found)


@contextlib.contextmanager
def _running(
    command: list[str], environment: dict[str, str], folder: Path, ready_url: str
) -> Iterator[None]:
    log = folder / "log.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=output, stderr=output, cwd=folder
        )

    def ready() -> bool:
        assert process.poll() is None, f"{command[0]} ended: {log.read_text()[-2000:]}"
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(ready_url, trust_env=False).is_success
        return False

    try:
        eventually(ready, ready_url, START_SECONDS)
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
