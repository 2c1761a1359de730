"""Grafana, where an installation is named: the only part native mode neither builds nor fetches."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from turnscope.native.checkout import Checkout
from turnscope.native.environment import base_environment
from turnscope.native.errors import NativeError
from turnscope.native.probes import HttpProbe
from turnscope.native.program import Program, Stage


def grafana_program(checkout: Checkout, home: Path, inherited: Mapping[str, str]) -> Program:
    """The server of the installation at `home`. Raises NativeError where there is none."""
    home = home.expanduser().absolute()
    binary = home / "bin" / "grafana"
    if not binary.exists():
        raise NativeError(
            f"GRAFANA_HOME={home} has no bin/grafana: name an unpacked Grafana, or unset it",
            exit_code=2,
        )
    ports, data, rooms = checkout.ports, checkout.state.data("grafana"), checkout.root / "grafana"
    environment = {
        **base_environment(checkout, inherited),
        "GF_PATHS_DATA": str(data),
        "GF_PATHS_LOGS": str(data / "log"),
        "GF_PATHS_PLUGINS": str(data / "plugins"),
        "GF_PATHS_PROVISIONING": str(rooms / "provisioning"),
        "GF_SERVER_HTTP_ADDR": "127.0.0.1",
        "GF_SERVER_HTTP_PORT": str(ports.grafana_port),
        "GF_SERVER_ROOT_URL": f"{checkout.local(ports.grafana_port)}/",
        "GF_SECURITY_ADMIN_PASSWORD": checkout.secrets["GRAFANA_PASSWORD"],
        "PROMETHEUS_URL": checkout.local(ports.prometheus_port),
        "LOKI_URL": checkout.local(ports.loki_port),
        "TRACES_URL": checkout.local(ports.traces_port),
        "TRACES_DATASOURCE_TYPE": checkout.traces_kind,
        "POSTGRES_ADDRESS": f"127.0.0.1:{ports.postgres_port}",
        "GRAFANA_DB_PASSWORD": checkout.secrets["GRAFANA_DB_PASSWORD"],
        "DASHBOARDS_DIRECTORY": str(rooms / "dashboards"),
    }
    command = (
        str(binary),
        "server",
        "--homepath",
        str(home),
        "--config",
        str(rooms / "grafana.ini"),
    )
    return Program(
        "grafana",
        command,
        data,
        environment,
        HttpProbe(ports.grafana_port, "/api/health"),
        stage=Stage.SERVICE,
        reads=(rooms / "grafana.ini", rooms / "provisioning"),
    )
