"""`python -m demo_services.nlu`."""

from __future__ import annotations

from demo_services.common.serve import serve
from demo_services.nlu.adapters.affect import LexiconAffectReader
from demo_services.nlu.adapters.catalogue_store import CatalogueStore
from demo_services.nlu.adapters.database import open_engine
from demo_services.nlu.adapters.minilm import MODEL_NAME, MiniLmEmbedder
from demo_services.nlu.adapters.product_store import ProductStore
from demo_services.nlu.app import create_app
from demo_services.nlu.catalogue import read_catalogue
from demo_services.nlu.instruments import NluInstruments
from demo_services.nlu.settings import NluSettings
from demo_services.nlu.training import version_of
from turnscope.instrument import Telemetry


def main() -> None:
    """Read the settings, build the providers, serve."""
    settings = NluSettings()
    # The release is named before the database is asked: set-up loads the file of the same checkout.
    version = version_of(MODEL_NAME, read_catalogue().version)
    telemetry = Telemetry.from_environment("nlu", model_version=version)
    instruments = NluInstruments.of(telemetry)
    engine = open_engine(settings, telemetry, instruments)
    app = create_app(
        settings,
        telemetry,
        embedder=MiniLmEmbedder(threads=settings.model_threads, max_tokens=settings.max_tokens),
        embedding_name=MODEL_NAME,
        affect=LexiconAffectReader(),
        catalogues=CatalogueStore(engine),
        products=ProductStore(engine),
        instruments=instruments,
        close=engine.dispose,
    )
    serve(app, settings.host, settings.port, telemetry)


if __name__ == "__main__":
    main()
