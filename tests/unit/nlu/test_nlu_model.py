"""Training, classification and the border of the scope, over vectors small enough to follow."""

from __future__ import annotations

import numpy as np
import pytest

from demo_services.nlu.adapters.intent_model import embed_in_batches, for_embedding
from demo_services.nlu.adapters.scope import place_border
from demo_services.nlu.training import train_model
from tests.unit.nlu.nlu_stage import CATALOGUE, WordHashEmbedder

pytestmark = pytest.mark.unit


def test_the_training_examples_are_classified_as_taught() -> None:
    trained = train_model(CATALOGUE, WordHashEmbedder(), "words")
    for utterance in CATALOGUE.utterances:
        vector = WordHashEmbedder().embed([utterance.text])[0]
        found = trained.intents.classify(vector)
        assert found.out_of_scope is (utterance.intent is None), utterance
        if utterance.intent:
            assert found.intent == utterance.intent


def test_confidence_and_margin_are_probabilities_of_the_two_best() -> None:
    trained = train_model(CATALOGUE, WordHashEmbedder(), "words")
    found = trained.intents.classify(WordHashEmbedder().embed(["refund"])[0])
    assert 0 < found.margin < found.confidence <= 1
    assert found.runner_up != found.intent


def test_training_twice_gives_the_same_model() -> None:
    vector = WordHashEmbedder().embed(["status of my refund"])[0]
    first, second = (
        train_model(CATALOGUE, WordHashEmbedder(), "words").intents.classify(vector)
        for _ in range(2)
    )
    assert first == second


def test_the_version_names_embedding_and_catalogue() -> None:
    assert train_model(CATALOGUE, WordHashEmbedder(), "words").version == "words+catalogue-7"


def test_the_border_parts_what_is_known_from_what_is_not() -> None:
    spread = np.linspace(0.0, 0.3, 8)
    inside = np.stack([np.cos(spread), np.sin(spread)], axis=1).astype(np.float32)
    outside = inside[:, ::-1].copy()
    scope = place_border(inside, outside)
    near, far = scope.scores(np.asarray([[1, 0], [0, 1]], dtype=np.float32))
    assert near >= scope.border > far


def test_numbers_and_addresses_look_alike_to_the_model() -> None:
    assert for_embedding("order 1004711, jo@example.org") == "order 1234, name@example.com"


def test_batches_give_each_text_its_own_vector() -> None:
    texts = ["a much longer text than the others are", "short", "of middling length", "tiny"]
    one_by_one = np.concatenate([WordHashEmbedder().embed([text]) for text in texts])
    assert np.array_equal(embed_in_batches(WordHashEmbedder(), texts, size=2), one_by_one)
