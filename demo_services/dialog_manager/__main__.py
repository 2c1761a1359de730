"""`python -m demo_services.dialog_manager`."""

from __future__ import annotations

from demo_services.common.http_client import Neighbour
from demo_services.common.serve import serve
from demo_services.dialog_manager.adapters.database import create_engine, watch_pool
from demo_services.dialog_manager.adapters.knowledge import HttpKnowledge
from demo_services.dialog_manager.adapters.model import HttpModel
from demo_services.dialog_manager.adapters.store import PostgresStore
from demo_services.dialog_manager.app import create_app
from demo_services.dialog_manager.instruments import DialogInstruments
from demo_services.dialog_manager.settings import DialogSettings
from turnscope.instrument import Telemetry


def main() -> None:
    """Read the settings, build the providers and adapters, serve."""
    settings = DialogSettings()
    telemetry = Telemetry.from_environment("dialog_manager")
    instruments = DialogInstruments.of(telemetry)
    engine = create_engine(settings)
    telemetry.instrument_engine(engine.sync_engine)
    watch_pool(engine, instruments.show_pool)
    instruments.pool_limit.set(settings.pool_size)
    store = PostgresStore(
        engine, open_timeout_s=settings.open_timeout_s, turn_timeout_s=settings.turn_timeout_s
    )
    kb = Neighbour("knowledge_base", settings.kb_url, telemetry, timeout_s=settings.kb_timeout_s)
    model = Neighbour(
        "model_inference",
        settings.model_url,
        telemetry,
        timeout_s=settings.model_timeout_s,
        stream_limit_s=settings.model_timeout_s,
    )
    app = create_app(
        settings,
        telemetry,
        instruments,
        store=store,
        knowledge=HttpKnowledge(kb),
        model=HttpModel(model, settings.model),
        closing=(kb.aclose, model.aclose, engine.dispose),
    )
    serve(app, settings.host, settings.port, telemetry)


if __name__ == "__main__":
    main()
