"""`python -m demo_services.gateway`."""

from __future__ import annotations

from demo_services.common.http_client import Neighbour
from demo_services.common.serve import serve
from demo_services.gateway.app import create_app
from demo_services.gateway.settings import GatewaySettings
from turnscope.instrument import Telemetry


def main() -> None:
    """Read the settings, build the providers, serve."""
    settings = GatewaySettings()  # type: ignore[call-arg]  # the environment fills it
    telemetry = Telemetry.from_environment("gateway", door=True)
    nlu = Neighbour("nlu", settings.nlu_url, telemetry, timeout_s=settings.nlu_timeout_s)
    dialog = Neighbour(
        "dialog_manager", settings.dialog_url, telemetry, timeout_s=settings.turn_timeout_s
    )
    serve(create_app(settings, telemetry, nlu, dialog), settings.host, settings.port, telemetry)


if __name__ == "__main__":
    main()
