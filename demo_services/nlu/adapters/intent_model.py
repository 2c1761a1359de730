"""Intent classification over sentence vectors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from sklearn.linear_model import LogisticRegression

from demo_services.nlu.adapters.scope import Scope, Vectors, place_border
from demo_services.nlu.domain.results import Classification

# Weak regularisation: on held-out examples 10 and 100 are right equally often, but at 10 the
# probabilities are too low by 0.20 on average, at 100 by 0.06 (expected calibration error).
_INVERSE_REGULARISATION = 100.0
_LONG_NUMBER = re.compile(r"\d{4,}")
_ADDRESS = re.compile(r"\S+@\S+")


class Embedder(Protocol):
    """Turns texts into unit vectors, one row a text."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (texts, dimensions)."""
        ...


def for_embedding(text: str) -> str:
    """`text` with long numbers and addresses made alike: which they are tells no intent apart."""
    return _LONG_NUMBER.sub("1234", _ADDRESS.sub("name@example.com", text))


def embed_in_batches(embedder: Embedder, texts: Sequence[str], size: int = 32) -> Vectors:
    """Vectors of many texts, `size` at a time, so that memory stays flat.

    Texts of like length share a batch: each row costs as much as the longest beside it.
    """
    prepared = [for_embedding(text) for text in texts]
    by_length = sorted(range(len(prepared)), key=lambda place: len(prepared[place]))
    parts = [
        embedder.embed([prepared[place] for place in by_length[start : start + size]])
        for start in range(0, len(prepared), size)
    ]
    vectors = np.concatenate(parts)
    ordered = np.empty_like(vectors)
    ordered[by_length] = vectors
    return ordered


@dataclass(frozen=True)
class IntentModel:
    """Logistic regression for the intent, neighbours for the scope."""

    regression: LogisticRegression
    scope: Scope

    def classify(self, vector: Vectors) -> Classification:
        """The two likeliest intents for one vector of shape (dimensions,)."""
        probabilities = self.regression.predict_proba(vector[None, :])[0]
        runner_up, best = np.argsort(probabilities)[-2:]
        score = float(self.scope.scores(vector[None, :])[0])
        return Classification(
            intent=str(self.regression.classes_[best]),
            confidence=float(probabilities[best]),
            runner_up=str(self.regression.classes_[runner_up]),
            margin=float(probabilities[best] - probabilities[runner_up]),
            scope_score=score,
            out_of_scope=score < self.scope.border,
        )


def train(vectors: Vectors, intents: Sequence[str], outside: Vectors) -> IntentModel:
    """Fit on vectors in scope with their intents, and on vectors beyond it. Deterministic."""
    regression = LogisticRegression(C=_INVERSE_REGULARISATION, max_iter=500, tol=1e-3)
    regression.fit(vectors, np.asarray(intents))
    return IntentModel(regression, place_border(vectors, outside))
