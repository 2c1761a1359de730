"""Look-ups that find the product a message names."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from sqlalchemy import Row, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from demo_services.nlu.domain.phrases import ProductHit

# = ANY and not IN: one statement text for any number of words, so one plan and one span name.
_SYNONYMS = text(
    "SELECT word, canonical FROM nlu.synonyms WHERE word = ANY(CAST(:words AS text[]))"
)

# The % operator goes through the trigram index; similarity() alone would read all rows.
_PRODUCTS = text(
    "SELECT phrase.said, hit.sku, hit.name, hit.score"
    " FROM unnest(CAST(:phrases AS text[])) AS phrase (said)"
    " CROSS JOIN LATERAL (SELECT sku, name, similarity(name, phrase.said) AS score"
    " FROM nlu.products WHERE name % phrase.said ORDER BY score DESC, sku LIMIT 3) AS hit"
)

_T = TypeVar("_T")


class ProductStore:
    """Asks PostgreSQL. Its methods raise SQLAlchemyError where the database fails."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def synonyms(self, words: Sequence[str]) -> dict[str, str]:
        """Those of `words` (lower case) that stand for another word, with that word."""
        rows = await self._rows(_SYNONYMS, {"words": list(words)})
        return {row.word: row.canonical for row in rows}

    async def products(self, phrases: Sequence[str]) -> list[ProductHit]:
        """For each phrase up to three products whose names are similar enough, best first."""
        rows = await self._rows(_PRODUCTS, {"phrases": list(phrases)})
        return [ProductHit(row.said, row.sku, row.name, float(row.score)) for row in rows]

    async def _rows(self, statement: Any, values: dict[str, Any]) -> Sequence[Row[Any]]:
        async def ask() -> Sequence[Row[Any]]:
            async with self._engine.connect() as connection:
                return (await connection.execute(statement, values)).all()

        return await _once_more_after_a_lost_connection(ask)


async def _once_more_after_a_lost_connection(ask: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    """A restarted server leaves dead connections in the pool; the first to fail empties it."""
    try:
        return await ask()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        return await ask()
