"""The demo services and their traffic as programs."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from turnscope.native.checkout import Checkout
from turnscope.native.environment import base_environment, service_environment
from turnscope.native.probes import HttpProbe
from turnscope.native.program import Program, Stage


def service_programs(checkout: Checkout, inherited: Mapping[str, str]) -> list[Program]:
    """The services of the demo assistant, and its traffic unless that is off."""
    common = service_environment(checkout, inherited)
    ports, secrets = checkout.ports, checkout.secrets
    database = checkout.database_url("+psycopg")
    outside = {**base_environment(checkout, inherited), "PYTHONUNBUFFERED": "1"}
    outside |= {name: value for name, value in inherited.items() if name.startswith("KB_")}
    own: dict[str, tuple[int, dict[str, str]]] = {
        # The knowledge base stands for an outside system: it gets no telemetry settings.
        "knowledge_base": (ports.kb_port, {**outside, **_listens("KB", ports.kb_port)}),
        "nlu": (
            ports.nlu_port,
            {**common, **_listens("NLU", ports.nlu_port), "NLU_DATABASE_URL": database},
        ),
        "model_inference": (ports.model_port, {**common, **_listens("MODEL", ports.model_port)}),
        "dialog_manager": (
            ports.dialog_port,
            {
                **common,
                **_listens("DIALOG", ports.dialog_port),
                "DIALOG_DATABASE_URL": database,
                "DIALOG_MODEL_URL": checkout.local(ports.model_port),
                "DIALOG_KB_URL": checkout.local(ports.kb_port),
            },
        ),
        "gateway": (
            ports.gateway_port,
            {
                **common,
                **_listens("GATEWAY", ports.gateway_port),
                "GATEWAY_NLU_URL": checkout.local(ports.nlu_port),
                "GATEWAY_DIALOG_URL": checkout.local(ports.dialog_port),
                "GATEWAY_API_KEY": secrets["GATEWAY_API_KEY"],
                "GATEWAY_LOAD_KEY": secrets["GATEWAY_LOAD_KEY"],
            },
        ),
    }
    programs = [
        _service(checkout, name, port, environment) for name, (port, environment) in own.items()
    ]
    if checkout.settings.demo_traffic == "on":
        programs.append(_traffic(checkout, common))
    return programs


def _service(checkout: Checkout, name: str, port: int, environment: Mapping[str, str]) -> Program:
    root = checkout.root
    reads = [root / "demo_services" / name, root / "demo_services" / "common"]
    if name != "knowledge_base":
        reads += [root / "turnscope" / "contract", root / "turnscope" / "instrument"]
    return Program(
        name,
        (sys.executable, "-m", f"demo_services.{name}"),
        root,
        environment,
        HttpProbe(port, "/healthz"),
        stage=Stage.SERVICE,
        reads=tuple(reads),
    )


def _traffic(checkout: Checkout, common: Mapping[str, str]) -> Program:
    environment = {
        **common,
        "TRICKLE_GATEWAY_URL": checkout.local(checkout.ports.gateway_port),
        "TRICKLE_KEY": checkout.secrets["GATEWAY_LOAD_KEY"],
    }
    return Program(
        "demo_traffic",
        (sys.executable, "-m", "turnscope.load.trickle"),
        checkout.root,
        environment,
        stage=Stage.TRAFFIC,
        reads=(checkout.root / "turnscope" / "load",),
    )


def _listens(prefix: str, port: int) -> dict[str, str]:
    return {f"{prefix}_HOST": "127.0.0.1", f"{prefix}_PORT": str(port)}
