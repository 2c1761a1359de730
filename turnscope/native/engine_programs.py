"""The engines as programs: flags and environment. Every address is 127.0.0.1."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from turnscope.native.checkout import Checkout
from turnscope.native.environment import base_environment
from turnscope.native.probes import DatabaseProbe, HttpProbe
from turnscope.native.program import Program, Stage

_LOOPBACK = "127.0.0.1"
# Listeners that nothing here uses and no flag turns off: any free port.
_UNUSED = f"{_LOOPBACK}:0"


def postgres_program(
    checkout: Checkout, command: list[str], inherited: Mapping[str, str]
) -> Program:
    """PostgreSQL, whose command comes from the cluster."""
    maintenance = checkout.database_url().removesuffix("/turnscope") + "/postgres"
    return Program(
        "postgres",
        tuple(command),
        Path("/"),  # a folder that the account it runs as can enter
        {**base_environment(checkout, inherited), "LC_ALL": "C.UTF-8"},
        DatabaseProbe(maintenance),
        stop_signal="INT",  # "fast": does not wait for clients
        stop_wait_s=60,
    )


def jaeger_program(checkout: Checkout, binary: Path, inherited: Mapping[str, str]) -> Program:
    """Jaeger with its spans on disk."""
    ports, data = checkout.ports, checkout.state.data("jaeger")
    flags = {
        "collector.otlp.grpc.host-port": f"{_LOOPBACK}:{ports.traces_otlp_port}",
        "query.http-server.host-port": f"{_LOOPBACK}:{ports.traces_port}",
        "query.grpc-server.host-port": f"{_LOOPBACK}:{ports.traces_grpc_port}",
        "admin.http.host-port": f"{_LOOPBACK}:{ports.traces_admin_port}",
        # Spans of its own queries would be sent to the default OTLP port: a collector of somebody.
        "query.enable-tracing": "false",
        "collector.otlp.http.host-port": _UNUSED,
        "collector.grpc-server.host-port": _UNUSED,
        "collector.http-server.host-port": _UNUSED,
        "http-server.host-port": _UNUSED,
        "processor.jaeger-binary.server-host-port": _UNUSED,
        "processor.jaeger-compact.server-host-port": _UNUSED,
        "processor.zipkin-compact.server-host-port": _UNUSED,
    }
    environment = {
        **base_environment(checkout, inherited),
        "SPAN_STORAGE_TYPE": "badger",
        "BADGER_EPHEMERAL": "false",
        "BADGER_DIRECTORY_VALUE": str(data / "values"),
        "BADGER_DIRECTORY_KEY": str(data / "keys"),
        "BADGER_SPAN_STORE_TTL": "168h",  # as long as Tempo keeps them in Compose mode
        "LOG_LEVEL": "warn",
        # Collect garbage sooner: a search over 5,000 traces left 1.6 GB resident without it.
        "GOMEMLIMIT": "768MiB",
    }
    command = (str(binary), *(f"--{name}={value}" for name, value in flags.items()))
    probe = HttpProbe(ports.traces_admin_port, "/")
    return Program("jaeger", command, data, environment, probe, stop_wait_s=30)


def tempo_program(checkout: Checkout, binary: Path, inherited: Mapping[str, str]) -> Program:
    """A Tempo of the machine's."""
    ports, data = checkout.ports, checkout.state.data("tempo")
    config = checkout.root / "tempo" / "config.yaml"
    environment = {
        **base_environment(checkout, inherited),
        "TEMPO_HTTP_ADDRESS": _LOOPBACK,
        "TEMPO_PORT": str(ports.traces_port),
        "TEMPO_GRPC_ADDRESS": _LOOPBACK,
        "TEMPO_GRPC_PORT": str(ports.traces_grpc_port),
        "TEMPO_OTLP_GRPC_LISTEN": f"{_LOOPBACK}:{ports.traces_otlp_port}",
        "TEMPO_DATA_DIRECTORY": str(data),
    }
    command = (str(binary), f"-config.file={config}", "-config.expand-env=true")
    probe = HttpProbe(ports.traces_port, "/ready")
    return Program(
        "tempo", command, data, environment, probe, stop_wait_s=60, reads=(config.parent,)
    )


def loki_program(checkout: Checkout, binary: Path, inherited: Mapping[str, str]) -> Program:
    """Loki in one process."""
    ports, data = checkout.ports, checkout.state.data("loki")
    config = checkout.root / "loki" / "config.yaml"
    environment = {
        **base_environment(checkout, inherited),
        "LOKI_HTTP_ADDRESS": _LOOPBACK,
        "LOKI_PORT": str(ports.loki_port),
        "LOKI_GRPC_ADDRESS": _LOOPBACK,
        "LOKI_GRPC_PORT": str(ports.loki_grpc_port),
        "LOKI_DATA_DIRECTORY": str(data),
    }
    command = (str(binary), f"-config.file={config}", "-config.expand-env=true")
    probe = HttpProbe(ports.loki_port, "/ready")
    return Program(
        "loki", command, data, environment, probe, stop_wait_s=60, reads=(config.parent,)
    )


def prometheus_program(checkout: Checkout, binary: Path, inherited: Mapping[str, str]) -> Program:
    """Prometheus, which reads its copy of the configuration beside the targets of this mode."""
    ports, data = checkout.ports, checkout.state.data("prometheus")
    config = checkout.state.configs / "prometheus"
    command = (
        str(binary),
        f"--config.file={config / 'prometheus.yml'}",
        f"--storage.tsdb.path={data}",
        f"--web.listen-address={_LOOPBACK}:{ports.prometheus_port}",
        "--enable-feature=exemplar-storage",  # still behind a flag in 3.x
        "--web.enable-otlp-receiver",
        "--web.enable-remote-write-receiver",
        "--log.level=warn",
    )
    probe = HttpProbe(ports.prometheus_port, "/-/ready")
    environment = base_environment(checkout, inherited)
    return Program("prometheus", command, data, environment, probe, stop_wait_s=60, reads=(config,))


def alertmanager_program(checkout: Checkout, binary: Path, inherited: Mapping[str, str]) -> Program:
    """Alertmanager, alone: no gossip port."""
    ports, data = checkout.ports, checkout.state.data("alertmanager")
    config = checkout.state.configs / "alertmanager"
    command = (
        str(binary),
        f"--config.file={config / 'config.yml'}",
        f"--storage.path={data}",
        f"--web.listen-address={_LOOPBACK}:{ports.alertmanager_port}",
        "--cluster.listen-address=",
        "--log.level=warn",
    )
    probe = HttpProbe(ports.alertmanager_port, "/-/ready")
    environment = base_environment(checkout, inherited)
    return Program("alertmanager", command, data, environment, probe, reads=(config,))


def collector_program(checkout: Checkout, binary: Path, inherited: Mapping[str, str]) -> Program:
    """The collector, the one door into the stores."""
    ports, config = checkout.ports, checkout.root / "collector" / "config.yaml"
    targets = checkout.state.configs / "scrape_targets.yml"
    queue = checkout.state.data("collector")
    environment = {
        **base_environment(checkout, inherited),
        "OTLP_GRPC_LISTEN": f"{_LOOPBACK}:{ports.otlp_grpc_port}",
        "OTLP_HTTP_LISTEN": f"{_LOOPBACK}:{ports.otlp_http_port}",
        "COLLECTOR_HEALTH_LISTEN": f"{_LOOPBACK}:{ports.collector_health_port}",
        "COLLECTOR_METRICS_HOST": _LOOPBACK,
        "COLLECTOR_METRICS_PORT": str(ports.collector_metrics_port),
        "PROMETHEUS_URL": checkout.local(ports.prometheus_port),
        "LOKI_URL": checkout.local(ports.loki_port),
        "TRACES_OTLP_ENDPOINT": f"{_LOOPBACK}:{ports.traces_otlp_port}",
        "SCRAPE_TARGETS_FILE": str(targets),
        "QUEUE_DIRECTORY": str(queue),
        "SAMPLING_PERCENT": f"{checkout.settings.sampling_percent:g}",
        "DEPLOYMENT_ENVIRONMENT": checkout.settings.deployment_environment,
        "GOMEMLIMIT": "640MiB",  # as in Compose mode: above what its memory_limiter allows
    }
    probe = HttpProbe(ports.collector_health_port, "/")
    return Program(
        "collector",
        (str(binary), f"--config={config}"),
        queue,
        environment,
        probe,
        stage=Stage.PIPELINE,
        stop_wait_s=30,  # it hands over what its queues hold
        reads=(config,),
    )
