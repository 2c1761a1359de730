"""Finds the entities of a message: by rule, and with two look-ups in the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from demo_services.common.circuit import Circuit, CircuitOpen
from demo_services.nlu.deadline import Deadline
from demo_services.nlu.domain.dates import find_dates
from demo_services.nlu.domain.numbers import find_emails, find_order_numbers
from demo_services.nlu.domain.phrases import (
    Phrase,
    ProductHit,
    ngrams,
    pick_product,
    with_synonyms,
    words_of,
)
from demo_services.nlu.domain.results import Entity, Found, without_overlaps

if TYPE_CHECKING:
    from turnscope.instrument import Telemetry

# Words of a message that are looked up; a longer message names its product early or not at all.
_MOST_WORDS = 120


class Products(Protocol):
    """The look-ups; SQLAlchemyError where they fail."""

    async def synonyms(self, words: Sequence[str]) -> dict[str, str]:
        """Those of `words` that stand for another, with that other."""
        ...

    async def products(self, phrases: Sequence[str]) -> list[ProductHit]:
        """For each phrase the products with the most similar names."""
        ...


class LookupFailed(Exception):
    """No answer from the database; `reason` is one of database_down, timeout, circuit_open."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Entities:
    """What was found; `failure` says why the database gave no answer, None when it did."""

    entities: tuple[Entity, ...]
    failure: str | None


class EntityFinder:
    """Finds entities and outlives the database: without it the product is missing, nothing else."""

    def __init__(
        self,
        products: Products,
        telemetry: Telemetry,
        *,
        timeout_s: float,
        least_score: float,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._products = products
        self._telemetry = telemetry
        self._deadline = Deadline(timeout_s)
        self._least_score = least_score
        self._today = today
        # While the database is away, parses do not queue up behind its time-out.
        self._circuit = Circuit("nlu database", fail_max=3, reset_s=2.0)

    async def find(self, text: str) -> Entities:
        """All entities of `text`, in the order they were said."""
        ruled = without_overlaps(
            [*find_emails(text), *find_order_numbers(text), *find_dates(text, self._today())]
        )
        failure = None
        try:
            product = await self._find_product(text, ruled)
        except LookupFailed as failed:
            product, failure = None, failed.reason
        found = without_overlaps([*ruled, *([product] if product else [])])
        return Entities(tuple(item.entity for item in found), failure)

    async def _find_product(self, text: str, ruled: Sequence[Found]) -> Found | None:
        words = words_of(text)[:_MOST_WORDS]
        started = time.monotonic()
        try:
            with self._circuit.guard(SQLAlchemyError, TimeoutError, OSError):
                return await self._deadline.keep(self._look_up(words, text, ruled))
        except CircuitOpen:
            reason = "circuit_open"
        except (TimeoutError, PoolTimeoutError):
            reason = "timeout"
        except (SQLAlchemyError, OSError) as error:
            reason = "database_down"
            self._log(reason, started, type(error).__name__)
            raise LookupFailed(reason) from None
        self._log(reason, started)
        raise LookupFailed(reason)

    async def _look_up(
        self, words: list[Phrase], text: str, ruled: Sequence[Found]
    ) -> Found | None:
        said = sorted({run.text for run in ngrams(words, text)})
        canonical = await self._products.synonyms(said)
        phrases = with_synonyms(words, text, canonical, [item.span for item in ruled])
        hits = await self._products.products([phrase.text for phrase in phrases])
        return pick_product(phrases, hits, text, self._least_score)

    def _log(self, reason: str, started: float, error: str | None = None) -> None:
        fields: dict[str, object] = {
            "reason": reason,
            "error_flag": True,
            "latency_ms": round((time.monotonic() - started) * 1000, 1),
        }
        if error:
            fields["error_type"] = error
        self._telemetry.log.error(
            "product look-up failed; the parse goes on without it", extra=fields
        )
