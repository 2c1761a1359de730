"""Guards what a model words: whether it still says what the plain sentence says, and nothing else.

Figures, names, states and negations of the plain sentence have to be kept, and most of its words.
What is added may only be words of courtesy. A model that keeps the figures can still turn "should
arrive" into "was delivered", so figures alone are not enough.
"""

from __future__ import annotations

import re
from enum import StrEnum

from demo_services.dialog_manager.vocabulary import FRIENDLY

LONGEST_REPLY = 600
"""Characters; beyond it a model has lost its way."""

# Share of the plain sentence's words that may be said otherwise, such as an article or a verb.
_MOST_WORDS_LOST = 0.2

_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_NEGATION = re.compile(r"\b(?:not|no|never|cannot|unable|nothing)\b|n't\b", re.I)
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_DAY = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
# Case counts: "may" is no month.
_NAME = re.compile(rf"\b(?:{_MONTH}|{_DAY}|DHL|UPS|DPD|Hermes|EUR)\b")
_STATE = re.compile(
    r"\b(?:prepared|shipped|out for delivery|delivered|cancelled|returned|in progress|paid|"
    r"sold out|in stock|free|today)\b",
    re.I,
)
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_SENTENCE = re.compile(r"\s*(\S[^.!?\n]*[.!?]+)\s")


class Rejected(StrEnum):
    """Why a model's wording is not said."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    MISSING_FIGURE = "missing_figure"
    INVENTED_FIGURE = "invented_figure"
    MISSING_NAME = "missing_name"
    MISSING_STATE = "missing_state"
    NEGATION = "negation"
    MISSING_WORDS = "missing_words"
    FOREIGN_WORDS = "foreign_words"


def check_facts(plain: str, worded: str) -> Rejected | None:
    """None if `worded` may stand for the facts in `plain`, else the first reason why not."""
    if not worded.strip():
        return Rejected.EMPTY
    if len(worded) > LONGEST_REPLY:
        return Rejected.TOO_LONG
    said, meant = _figures(worded), _figures(plain)
    if meant - said:
        return Rejected.MISSING_FIGURE
    if said - meant:
        return Rejected.INVENTED_FIGURE
    if _found(_NAME, plain) - _found(_NAME, worded.replace("€", "EUR")):
        return Rejected.MISSING_NAME
    if _found(_STATE, plain) - _found(_STATE, worded):
        return Rejected.MISSING_STATE
    if bool(_NEGATION.search(plain)) != bool(_NEGATION.search(worded)):
        return Rejected.NEGATION
    lost = _words(plain) - _words(worded)
    if len(lost) > len(_words(plain)) * _MOST_WORDS_LOST:
        return Rejected.MISSING_WORDS
    return Rejected.FOREIGN_WORDS if _words(worded) - _words(plain) - FRIENDLY else None


def check_courtesy(sentence: str) -> Rejected | None:
    """None if `sentence` states nothing: words of courtesy, no figures, no negation."""
    if not sentence.strip():
        return Rejected.EMPTY
    if len(sentence) > LONGEST_REPLY:
        return Rejected.TOO_LONG
    if _figures(sentence):
        return Rejected.INVENTED_FIGURE
    if _NEGATION.search(sentence):
        return Rejected.NEGATION
    return Rejected.FOREIGN_WORDS if _words(sentence) - FRIENDLY else None


def first_sentence(text: str) -> str:
    """The first sentence once it is complete, with a space behind its end; until then nothing."""
    match = _SENTENCE.match(text)
    return match.group(1) if match else ""


def _figures(text: str) -> set[str]:
    return set(_FIGURE.findall(text))


def _words(text: str) -> set[str]:
    """Words of four letters and more, in lower case; shorter ones are mostly grammar."""
    return {word.lower() for word in _LONG_WORD.findall(text)}


def _found(pattern: re.Pattern[str], text: str) -> set[str]:
    return {word.lower() for word in pattern.findall(text)}
