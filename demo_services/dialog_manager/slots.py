"""Reads what the user gave: entities that NLU found, and the bare answer to a question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from demo_services.dialog_manager.intents import EMAIL, ORDER_NUMBER, PRODUCT, PRODUCT_NAME, SLOTS

_SHAPES = {
    ORDER_NUMBER: re.compile(r"(?<![\w.,-])#?(\d{4,10})(?![\w-]|[.,]\d)"),
    EMAIL: re.compile(r"([\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5})"),
}
_YES = re.compile(r"\s*(yes|yeah|yep|yup|sure|ok|okay|please do|go ahead|correct|exactly)\b", re.I)
_DONE = re.compile(r"\b(?:that(?:'s| is| was| will be) (?:all|it|everything)|nothing else)\b", re.I)
_NO = re.compile(r"\s*(no|nope|nah|not now|never mind|don't|please don't)\b", re.I)


@dataclass(frozen=True)
class Entity:
    """Something NLU found in a message: `text` as it was said, `value` its key; `score` is 0..1."""

    type: str
    value: str
    text: str = ""
    score: float = 1.0


@dataclass(frozen=True)
class Heard:
    """What NLU made of a message; `margin` is the lead of the first intent over the second."""

    intent: str
    confidence: float
    margin: float
    runner_up: str | None = None
    out_of_scope: bool = False
    entities: Sequence[Entity] = ()


def read_slots(
    heard: Heard | None, text: str, asked: str | None, least_score: float
) -> Mapping[str, str]:
    """The slots this message fills: of each type the entity that NLU is surest of.

    If the assistant had asked for `asked` and NLU found none, a number or address of the right
    shape is taken from the text: right behind the question it can hardly mean anything else.
    """
    filled: dict[str, str] = {}
    entities = heard.entities if heard else ()
    for entity in sorted(entities, key=lambda entity: entity.score):
        if entity.type in SLOTS and entity.score >= least_score and entity.value.strip():
            filled[entity.type] = entity.value.strip()
            if entity.type == PRODUCT:
                filled[PRODUCT_NAME] = entity.text.strip() or entity.value.strip()
    shape = _SHAPES.get(asked or "")
    if asked and asked not in filled and shape and (match := shape.search(text)):
        filled[asked] = match.group(1)
    return filled


def says_done(text: str) -> bool:
    """True if the user says that there is nothing else."""
    return bool(_DONE.search(text))


def says_yes(text: str) -> bool | None:
    """True for a plain yes, False for a plain no, None for anything else."""
    if _NO.match(text):
        return False
    return True if _YES.match(text) else None
