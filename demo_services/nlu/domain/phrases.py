"""Which words of a message may name a product, and which of the products found is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from demo_services.nlu.domain.results import Entity, EntityType, Found, Span

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
MOST_WORDS = 4
MOST_PHRASES = 8

# Words of a shop's support talk that never name a product by themselves.
_COMMON = frozenset(
    """a about account after again ago all already also always am amount an and another any anymore anyone
    anything are arrive arrived arrives as ask asked at available away back be because been before being
    better both bought box bring broken buy by call came can cancel cannot can't card cash change charge
    charged charges check cheaper code collect come comes complain complaint correct cost costs could
    courier customer damaged date day days deliver delivered delivery did different discount do does
    doesn't doing don't done down driver email else enough error even ever every everything exchange
    expensive express fast faulty few find fine fit fits for free friday from fully get give go goes going
    gone good got great had happened happy has have he hello help her here hey hi his home hours how
    human i i'd i'll i'm i've if in instead into invoice is isn't it it's item items its just keep know
    last late left let like long look lost made make many may me mean missing monday money month more
    most much must my need never new next no nobody not nothing now number of off offer ok okay old on
    once one only open opened or order ordered orders other our out over own package paid parcel part
    pay payment people person pick pickup place placed please policy possible price problem process
    product purchase put question quickly quite rather really receipt receive received refund repair
    replace replacement return returned right same saturday say says sell send sent service shall she
    ship shipped shipping shop should since size so some someone something sorry speak still stock
    stop store sunday support sure take talk tell than thank thanks that that's the their them then
    there these they thing things this those three thursday till time to today together tomorrow too
    track tracking tuesday two under until up update upset us use very voucher wait waiting want
    wanted warranty was wasn't way we website wednesday week weeks went were what what's when where
    which who why will with without won't work working works would wrong year years yes yesterday yet
    you your""".split()
)


@dataclass(frozen=True)
class Phrase:
    """Neighbouring words that may name a product: `text` in lower case, and where they stand."""

    text: str
    span: Span


@dataclass(frozen=True)
class ProductHit:
    """The product whose name is most similar to a phrase; `score` is the trigram similarity, 0..1."""

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
        if all(run.span.start <= word.span.start and word.span.end <= run.span.end for word in inside):
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
        if word.text in _COMMON or any(word.span.overlaps(span) for span in spans):
            runs.append([])
        elif between:
            runs.append([word])
        else:
            runs[-1].append(word)
    phrases = [phrase for run in runs if run for phrase in _cut(run)]
    # A message without a candidate is looked up all the same: every parse costs the same statements.
    return phrases[:MOST_PHRASES] or [_joined(words[:MOST_WORDS])] if words else []


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
    """The product that explains most of what was said: similarity times the length of its phrase."""
    by_phrase = {phrase.text: phrase for phrase in phrases}
    sure = [hit for hit in hits if hit.score >= least_score and hit.phrase in by_phrase]
    if not sure:
        return None
    best = max(sure, key=lambda hit: (hit.score * len(hit.phrase), hit.sku))
    span = by_phrase[best.phrase].span
    said = text[span.start : span.end]
    return Found(Entity(EntityType.PRODUCT, best.sku, said, round(min(best.score, 1.0), 3)), span)
