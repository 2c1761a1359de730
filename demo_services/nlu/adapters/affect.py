"""Sentiment and language of a message, by two small libraries without a model download."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from py3langid.langid import MODEL_FILE, LanguageIdentifier
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

UNDETERMINED = "und"
"""BCP 47's tag for a language that nobody could tell."""

# What the shop's customers write: with all of its 97 languages the identifier errs on short texts.
_LANGUAGES = "cs da de en es fi fr hu it nl no pl pt ro sv tr"
_LEAST_LETTERS = 12
_LEAST_PROBABILITY = 0.75


@dataclass(frozen=True)
class Affect:
    """`sentiment` from -1 (bad) to 1 (good), `language` as an ISO 639-1 code or "und"."""

    sentiment: float
    language: str


class AffectReader(Protocol):
    """Reads sentiment and language."""

    def read(self, text: str) -> Affect:
        """What `text` sounds like."""
        ...


class LexiconAffectReader:
    """VADER's lexicon for the sentiment, py3langid for the language. Thread safe."""

    def __init__(self) -> None:
        self._sentiment = SentimentIntensityAnalyzer()
        self._languages = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._languages.set_languages(_LANGUAGES.split())

    def read(self, text: str) -> Affect:
        """VADER knows English only: a text in another language scores about 0."""
        compound = float(self._sentiment.polarity_scores(text)["compound"])
        return Affect(sentiment=compound, language=self._language(text))

    def _language(self, text: str) -> str:
        if sum(char.isalpha() for char in text) < _LEAST_LETTERS:
            return UNDETERMINED
        code, probability = self._languages.classify(text)
        return str(code) if probability >= _LEAST_PROBABILITY else UNDETERMINED
