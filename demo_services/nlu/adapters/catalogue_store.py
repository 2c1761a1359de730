"""The intent catalogue in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from demo_services.nlu.catalogue import Catalogue, Part, Utterance

# Any constant: two loads at once take turns.
_LOCK = 0x6E6C75


class CatalogueStore:
    """Reads and writes schema nlu. Its methods raise SQLAlchemyError where the database fails."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def read(self) -> Catalogue | None:
        """The catalogue that is loaded; None before the first load."""
        async with self._engine.connect() as connection:
            head = (
                await connection.execute(text("SELECT version, digest FROM nlu.catalogue"))
            ).one_or_none()
            if head is None:
                return None
            intents = await connection.execute(text("SELECT name, description FROM nlu.intents"))
            # Ordered, so that two replicas train the same model.
            utterances = await connection.execute(
                text('SELECT text, intent, part FROM nlu.utterances ORDER BY text COLLATE "C"')
            )
            synonyms = await connection.execute(text("SELECT word, canonical FROM nlu.synonyms"))
            return Catalogue(
                version=head.version,
                digest=head.digest,
                intents={row.name: row.description for row in intents},
                utterances=tuple(
                    Utterance(row.text, row.intent, Part(row.part)) for row in utterances
                ),
                synonyms={row.word: row.canonical for row in synonyms},
            )

    async def replace(self, catalogue: Catalogue) -> bool:
        """Make the tables hold `catalogue`, in one transaction; False if they held it already."""
        # The pool's connections commit each statement; half a catalogue must not be read.
        engine = self._engine.execution_options(isolation_level="READ COMMITTED")
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            digest = await connection.scalar(text("SELECT digest FROM nlu.catalogue"))
            if digest == catalogue.digest:
                return False
            await _write(connection, catalogue)
            return True


async def _write(connection: AsyncConnection, catalogue: Catalogue) -> None:
    for table in ("catalogue", "utterances", "synonyms", "intents"):
        await connection.execute(text(f"DELETE FROM nlu.{table}"))  # noqa: S608
    await _insert(
        connection,
        "INSERT INTO nlu.intents (name, description) VALUES (:name, :description)",
        [{"name": name, "description": why} for name, why in catalogue.intents.items()],
    )
    await _insert(
        connection,
        "INSERT INTO nlu.utterances (text, intent, part) VALUES (:text, :intent, :part)",
        [{"text": u.text, "intent": u.intent, "part": u.part.value} for u in catalogue.utterances],
    )
    await _insert(
        connection,
        "INSERT INTO nlu.synonyms (word, canonical) VALUES (:word, :canonical)",
        [{"word": word, "canonical": name} for word, name in catalogue.synonyms.items()],
    )
    await _insert(
        connection,
        "INSERT INTO nlu.catalogue (version, digest) VALUES (:version, :digest)",
        [{"version": catalogue.version, "digest": catalogue.digest}],
    )


async def _insert(
    connection: AsyncConnection, statement: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    if rows:
        await connection.execute(text(statement), rows)
