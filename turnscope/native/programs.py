"""The list of what native mode runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from turnscope.native.checkout import Checkout
from turnscope.native.engine_programs import (
    alertmanager_program,
    collector_program,
    jaeger_program,
    loki_program,
    postgres_program,
    prometheus_program,
    tempo_program,
)
from turnscope.native.grafana_program import grafana_program
from turnscope.native.program import Program
from turnscope.native.service_programs import service_programs


def list_programs(
    checkout: Checkout,
    binaries: Mapping[str, Path],
    postgres_command: list[str],
    inherited: Mapping[str, str],
) -> list[Program]:
    """All programs of `checkout`, stores first; `inherited` is the environment of `make up`."""
    programs = [
        postgres_program(checkout, postgres_command, inherited),
        tempo_program(checkout, checkout.tempo, inherited)
        if checkout.tempo
        else jaeger_program(checkout, binaries["jaeger"], inherited),
        loki_program(checkout, binaries["loki"], inherited),
        prometheus_program(checkout, binaries["prometheus"], inherited),
        alertmanager_program(checkout, binaries["alertmanager"], inherited),
        collector_program(checkout, binaries["otelcol"], inherited),
    ]
    if home := checkout.settings.grafana_home:
        programs.append(grafana_program(checkout, home, inherited))
    return programs + service_programs(checkout, inherited)
