"""What an assistant imports: `instrument(app)` and the turn scope.

telemetry = instrument(app, service_name="my-bot")
...
with telemetry.turn(session_id=session, user_id=user, user_query=text) as turn:
    turn.answered(reply, model_name=model, tokens_used=tokens)
"""

from __future__ import annotations

from fastapi import FastAPI

from turnscope.instrument.pseudonyms import Pseudonyms
from turnscope.instrument.redaction import redact
from turnscope.instrument.settings import TelemetrySettings
from turnscope.instrument.telemetry import Telemetry

__all__ = ["Pseudonyms", "Telemetry", "TelemetrySettings", "instrument", "redact"]


def instrument(app: FastAPI, service_name: str, *, model_version: str | None = None) -> Telemetry:
    """Instrument `app` as the door of an assistant, settings from the environment.

    Source of every name it writes: `turnscope/contract/contract.yaml`.
    """
    telemetry = Telemetry.from_environment(service_name, model_version=model_version, door=True)
    telemetry.instrument(app)
    return telemetry
