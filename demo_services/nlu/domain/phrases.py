"""Which words of a message may name a product, and which of the products found is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from demo_services.nlu.domain.everyday import EVERYDAY_WORDS
from demo_services.nlu.domain.results import Entity, EntityType, Found, Span

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
MOST_WORDS = 4
MOST_PHRASES = 8
_CLOSE = 0.61


@dataclass(frozen=True)
class Phrase:
    """Neighbouring words that may name a product: `text` in lower case, and where they stand."""

    text: str
    span: Span


@dataclass(frozen=True)
class ProductHit:
    """A product whose name is similar to a phrase; `score` is the trigram similarity, 0..1."""

    phrase: str
    sku: str
    name: str
    score: float


def words_of(text: str) -> list[Phrase]:
    """The words of `text`, each as a phrase of its own."""
    return [Phrase(match.group().lower(), Span(*match.span())) for match in _WORD.finditer(text)]


def ngrams(words: Sequence[Phrase], text: str, longest: int = 3) -> list[Phrase]:
    """Every run of one to `longest` words that only blanks part, for the look-up of synonyms."""
    runs: list[Phrase] = []
    for first in range(len(words)):
        for last in range(first, min(first + longest, len(words))):
            if last > first and text[words[last - 1].span.end : words[last].span.start].strip():
                break
            said = " ".join(word.text for word in words[first : last + 1])
            runs.append(Phrase(said, Span(words[first].span.start, words[last].span.end)))
    return runs


def replace_synonyms(
    words: Sequence[Phrase], text: str, canonical: Mapping[str, str]
) -> list[Phrase]:
    """`words` with each known synonym, the longest first, as one phrase of its canonical word."""
    replaced = list(words)
    known = [run for run in ngrams(words, text) if run.text in canonical]
    for run in sorted(known, key=lambda item: item.span.start - item.span.end):
        inside = [word for word in replaced if word.span.overlaps(run.span)]
        if all(run.span.covers(word.span) for word in inside):
            place = replaced.index(inside[0])
            replaced[place : place + len(inside)] = [Phrase(canonical[run.text], run.span)]
    return replaced


def product_phrases(words: Sequence[Phrase], text: str, taken: Iterable[Span] = ()) -> list[Phrase]:
    """Runs of words outside of everyday talk and of `taken` spans; at least one if there is a word.

    At most MOST_PHRASES: each one is a search of the index.
    """
    spans = list(taken)
    runs: list[list[Phrase]] = [[]]
    for word in words:
        between = text[runs[-1][-1].span.end : word.span.start].strip() if runs[-1] else ""
        if word.text in EVERYDAY_WORDS or any(word.span.overlaps(span) for span in spans):
            runs.append([])
        elif between:
            runs.append([word])
        else:
            runs[-1].append(word)
    phrases = [phrase for run in runs if run for phrase in _cut(run)]
    # A message without a candidate is looked up all the same: each parse takes the same way.
    return phrases[:MOST_PHRASES] or [_joined(words[:MOST_WORDS])] if words else []


def with_synonyms(
    words: Sequence[Phrase], text: str, canonical: Mapping[str, str], taken: Sequence[Span] = ()
) -> list[Phrase]:
    """The phrases as they were said, then those with synonyms replaced, each wording once.

    Both: "lamp" stands for "desk lamp", but in "floor lamp" it stands for itself.
    """
    phrases = product_phrases(words, text, taken)
    if canonical:
        replaced = replace_synonyms(words, text, canonical)
        phrases += product_phrases(replaced, text, taken)
    longest_first = sorted(phrases, key=lambda phrase: phrase.span.start - phrase.span.end)
    return list({phrase.text: phrase for phrase in reversed(longest_first)}.values())


def _cut(run: list[Phrase]) -> list[Phrase]:
    """The run as a whole if it is short, its pairs, its threes if it is long, and its last word."""
    longer = 3 if len(run) > MOST_WORDS else len(run)
    sizes = [size for size in (longer, 2) if size <= len(run)]
    windows = [
        _joined(run[start : start + size])
        for size in dict.fromkeys(sizes)
        for start in range(len(run) - size, -1, -1)
    ]
    return [*windows, _joined(run[-1:])] if len(run) > 1 else [_joined(run)]


def _joined(words: Sequence[Phrase]) -> Phrase:
    said = " ".join(word.text for word in words)
    return Phrase(said, Span(words[0].span.start, words[-1].span.end))


def pick_product(
    phrases: Sequence[Phrase], hits: Iterable[ProductHit], text: str, least_score: float
) -> Found | None:
    """The product that explains most of what was said: similarity times the length of its words."""
    by_phrase = {phrase.text: phrase for phrase in phrases}
    sure = [
        hit
        for hit in hits
        if hit.phrase in by_phrase and hit.score >= least_score and _says_what_it_is(hit)
    ]
    if not sure:
        return None

    def explains(hit: ProductHit) -> tuple[float, str]:
        place = by_phrase[hit.phrase].span
        return hit.score * (place.end - place.start), hit.sku

    best = max(sure, key=explains)
    span = by_phrase[best.phrase].span
    said = text[span.start : span.end]
    return Found(Entity(EntityType.PRODUCT, best.sku, said, round(min(best.score, 1.0), 3)), span)


def _says_what_it_is(hit: ProductHit) -> bool:
    """Whether the phrase has the name's noun: "lunch" is no Lunch Box, and a table no Tablet.

    A close match needs none: it is the name with a typing error.
    """
    words = [word.text for word in words_of(hit.name)]
    # Model codes such as B434 stand last, the noun before them.
    nouns = [word for word in words if not any(char.isdigit() for char in word)] or words
    said = {_singular(word) for word in hit.phrase.split()}
    return hit.score >= _CLOSE or _singular(nouns[-1]) in said


def _singular(word: str) -> str:
    return word.removesuffix("s")
