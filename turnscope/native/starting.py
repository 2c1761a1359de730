"""From a checkout to a stack that answers."""

from __future__ import annotations

import os
from typing import Any

from turnscope.deployment.doctor import check_ports, check_twins
from turnscope.native.build import ensure_engines
from turnscope.native.checkout import Checkout
from turnscope.native.configs import write_configs
from turnscope.native.database import create_database, find_cluster
from turnscope.native.engines import engines_for
from turnscope.native.errors import NativeError
from turnscope.native.orphans import end_orphans
from turnscope.native.postgres_cluster import Cluster
from turnscope.native.probes import HttpProbe
from turnscope.native.program import Program, Stage
from turnscope.native.programs import list_programs
from turnscope.native.progress import Report
from turnscope.native.state import write_running
from turnscope.native.supervision import Supervision
from turnscope.native.supervisor_config import write_config
from turnscope.native.waiting import wait_for


def start_all(checkout: Checkout, report: Report) -> dict[str, Any]:
    """Build, start and wait; what running.json then says. Raises NativeError.

    The caller holds the state folder's lock.
    """
    state, supervision = checkout.state, Supervision(checkout.state)
    running = supervision.answers()
    if not running:
        _clear_the_way(checkout, report)
    binaries = ensure_engines(
        engines_for(checkout.traces_kind), checkout.root, checkout.cache, report
    )
    cluster = find_cluster(checkout, report)
    command = cluster.command(checkout.ports.postgres_port)
    write_configs(checkout)
    programs = list_programs(checkout, binaries, command, os.environ)
    for program in programs:
        program.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_config(state, programs)
    if running:
        stopped = supervision.update()
        if stopped:
            report(f"changed since the last start: {', '.join(sorted(stopped))}")
    facts = _facts(checkout, programs, cluster)
    state.mode.write_text("native\n")
    write_running(state, facts)
    _prepare_database(checkout, cluster, supervision, running=running)
    supervision.ensure()
    _start_in_order(checkout, programs, supervision, report)
    return facts


def _clear_the_way(checkout: Checkout, report: Report) -> None:
    """End what an earlier supervisor left behind; complain about ports that strangers hold."""
    if count := end_orphans(checkout.state):
        report(f"ended {count} processes that had lost their supervisor")
    checkout.state.control_socket.unlink(missing_ok=True)
    taken = [
        finding
        for check in (check_twins, check_ports)
        for finding in check(checkout.ports)
        if not finding.ok
    ]
    if taken:
        lines = [f"{finding.subject} {finding.state}: {finding.advice}" for finding in taken]
        raise NativeError("\n".join(lines))


def _prepare_database(
    checkout: Checkout, cluster: Cluster, supervision: Supervision, *, running: bool
) -> None:
    if running:
        states = {process.name: process.state for process in supervision.processes()}
        if states.get("postgres") in ("RUNNING", "STARTING"):
            return
    cluster.clear_stale_lock()
    cluster.prepare(checkout.secrets["POSTGRES_PASSWORD"])


def _start_in_order(
    checkout: Checkout, programs: list[Program], supervision: Supervision, report: Report
) -> None:
    timeout_s, state = checkout.settings.up_timeout_s, checkout.state
    below = [program for program in programs if program.stage < Stage.SERVICE]
    services = [program for program in programs if program.stage == Stage.SERVICE]
    traffic = [program for program in programs if program.stage == Stage.TRAFFIC]
    _start(below, supervision, report)
    database = [program for program in below if program.name == "postgres"]
    wait_for(database, supervision, state, timeout_s, report)
    create_database(checkout, report)
    _start(services, supervision, report)
    wait_for([*below, *services], supervision, state, timeout_s, report)
    if traffic:
        _start(traffic, supervision, report)
        wait_for(traffic, supervision, state, timeout_s, report)


def _start(programs: list[Program], supervision: Supervision, report: Report) -> None:
    started = supervision.start(program.name for program in programs)
    if started:
        report(f"starting {', '.join(started)}")


def _facts(checkout: Checkout, programs: list[Program], cluster: Cluster) -> dict[str, Any]:
    ports = checkout.ports
    return {
        "mode": "native",
        "ports": ports.model_dump(),
        "stages": {program.name: int(program.stage) for program in programs},
        "probes": {
            program.name: [program.probe.port, program.probe.path]
            for program in programs
            if isinstance(program.probe, HttpProbe)
        },
        "traces_kind": checkout.traces_kind,
        "postgres": {"major": cluster.server.major, "from_wheel": cluster.server.from_wheel},
        "sampling_percent": checkout.settings.sampling_percent,
        "gateway_url": checkout.local(ports.gateway_port),
        "prometheus_url": checkout.local(ports.prometheus_port),
        "traces_url": checkout.local(ports.traces_port),
        "grafana_url": checkout.local(ports.grafana_port) if checkout.settings.grafana_home else "",
    }
