"""Order numbers and e-mail addresses."""

from __future__ import annotations

import re

from demo_services.nlu.domain.results import Entity, EntityType, Found, Span

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")

# Four to ten digits; a longer run is a card or a phone number.
_NUMBER = re.compile(
    r"(?<![\w.,/+@€$£-])(?P<prefix>#\s?|(?:ord|no|nr)[-.#]\s?)?"
    r"(?P<digits>\d{4,10})(?![\w@%/-]|[.,:]\d)",
    re.IGNORECASE,
)
_NAMED_BEFORE = re.compile(
    r"\b(?:orders?|purchase|shipment|parcel|package|return|refund|number|num|no|nr|it|that)\b"
    r"[\s:.#']*(?:(?:number|numbers|no|nr|is|was|would|be|for|the|s|with|called|of)\b[\s:.#']*){0,4}$",
    re.IGNORECASE,
)
_UNIT_BEHIND = re.compile(
    r"^\s?(?:euros?|eur|dollars?|usd|pounds?|€|\$|£|watts?|w|volts?|v|mah|ml|g|kg|mm|cm|km|m|px|rpm"
    r"|years?|days?|hours?|minutes?|pieces?|times|percent)\b|^\s?[€$£%]",
    re.IGNORECASE,
)
_CURRENCY_BEFORE = re.compile(r"(?:€|\$|£|\beur|\busd)\s?$", re.IGNORECASE)
_YEAR = range(1900, 2100)


def find_emails(text: str) -> list[Found]:
    """Every e-mail address in `text`."""
    found = []
    for match in _EMAIL.finditer(text):
        value = match.group().rstrip(".-")
        span = Span(match.start(), match.start() + len(value))
        found.append(Found(Entity(EntityType.EMAIL, value.lower(), value, 1.0), span))
    return found


def find_order_numbers(text: str) -> list[Found]:
    """Numbers of four to ten digits that can name an order, surest where the text says so."""
    found = []
    for match in _NUMBER.finditer(text):
        score = _order_score(text, match)
        if score > 0:
            entity = Entity(EntityType.ORDER_NUMBER, match["digits"], match.group().strip(), score)
            found.append(Found(entity, Span(*match.span())))
    return found


def _order_score(text: str, match: re.Match[str]) -> float:
    before, behind = text[: match.start()], text[match.end() :]
    if _UNIT_BEHIND.match(behind) or _CURRENCY_BEFORE.search(before):
        return 0.0
    if match["prefix"] or _NAMED_BEFORE.search(before):
        return 1.0
    alone = not before.strip(" .,!?:") and not behind.strip(" .,!?:")
    if alone:
        return 0.95
    if len(match["digits"]) == 4:
        # Most bare numbers of four digits are years and sizes.
        return 0.3 if int(match["digits"]) in _YEAR else 0.6
    return 0.8
