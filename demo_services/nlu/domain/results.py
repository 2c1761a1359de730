"""What a parse finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class EntityType(StrEnum):
    """The kinds of things that are picked out of a message."""

    ORDER_NUMBER = "order_number"
    DATE = "date"
    PRODUCT = "product"
    EMAIL = "email"


@dataclass(frozen=True)
class Entity:
    """A thing named in a message: `value` in normal form, `text` as it was said, `score` 0..1.

    Values: an order number's digits; a date as YYYY-MM-DD; a product's sku; a lower-case address.
    """

    type: EntityType
    value: str
    text: str
    score: float


@dataclass(frozen=True)
class Span:
    """A piece of a message, by its first character and the one behind its last."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end

    def covers(self, other: Span) -> bool:
        """Whether all of `other` lies in this one."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True)
class Found:
    """An entity and the place where it was said."""

    entity: Entity
    span: Span


@dataclass(frozen=True)
class Classification:
    """The two likeliest intents. `confidence` and `margin` are probabilities.

    `margin` is the lead of the first over the second; the higher `scope_score`, the surer the
    message is in scope.
    """

    intent: str
    confidence: float
    runner_up: str
    margin: float
    scope_score: float
    out_of_scope: bool


def without_overlaps(found: Iterable[Found]) -> list[Found]:
    """One reading a piece of text, as they were said; the better score wins, then length."""
    kept: list[Found] = []
    for candidate in sorted(
        found, key=lambda item: (-item.entity.score, item.span.start - item.span.end)
    ):
        if not any(candidate.span.overlaps(other.span) for other in kept):
            kept.append(candidate)
    return sorted(kept, key=lambda item: item.span.start)
