"""`python -m demo_services.nlu.load_catalogue`: brings catalogue.yaml into PostgreSQL.

Run after the files of postgres/. Safe to run again: the same file is written once.
Exit codes: 0 done, 1 the database refused, 2 the file is wrong.
"""

from __future__ import annotations

import asyncio
import sys

from sqlalchemy.exc import SQLAlchemyError

from demo_services.nlu.adapters.catalogue_store import CatalogueStore
from demo_services.nlu.adapters.database import make_engine
from demo_services.nlu.catalogue import Catalogue, read_catalogue
from demo_services.nlu.settings import NluSettings


async def load(catalogue: Catalogue, settings: NluSettings) -> bool:
    """Write `catalogue`; False if the database held it already."""
    engine = make_engine(settings)
    try:
        return await CatalogueStore(engine).replace(catalogue)
    finally:
        await engine.dispose()


def main() -> int:
    """Load the file beside this module into NLU_DATABASE_URL."""
    try:
        catalogue = read_catalogue()
    except (ValueError, KeyError) as error:
        print(f"catalogue.yaml: {error}", file=sys.stderr)
        return 2
    try:
        written = asyncio.run(load(catalogue, NluSettings()))
    except SQLAlchemyError as error:
        print(f"the catalogue was not loaded: {error}", file=sys.stderr)
        return 1
    state = "loaded" if written else "was loaded before"
    print(f"catalogue {catalogue.version} {state}: {len(catalogue.intents)} intents")
    return 0


if __name__ == "__main__":
    sys.exit(main())
