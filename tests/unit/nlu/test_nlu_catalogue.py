"""The catalogue file itself, and what its reader refuses."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from demo_services.nlu.catalogue import Catalogue, Part, read_catalogue
from turnscope.contract import read_contract

pytestmark = pytest.mark.unit

PRODUCTS_SQL = Path(__file__).parents[3] / "postgres" / "020_products.sql"
MINIMAL = """
version: "1"
intents:
  - {name: greeting, description: Greets., utterances: [hello], held_out: [%s]}
out_of_scope: {train: [a joke], held_out: [a poem]}
synonyms: {sofa: [couch]}
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_catalogue()


def test_every_intent_has_enough_examples_to_learn_and_to_measure(catalogue: Catalogue) -> None:
    assert 24 <= len(catalogue.intents) <= 40
    for part, least in ((Part.TRAIN, 15), (Part.HELD_OUT, 6)):
        counts = Counter(u.intent for u in catalogue.texts(part, in_scope=True))
        assert counts.keys() == catalogue.intents.keys()
        assert min(counts.values()) >= least


def test_there_are_enough_examples_outside_of_the_scope(catalogue: Catalogue) -> None:
    assert len(catalogue.texts(Part.TRAIN, in_scope=False)) >= 80
    assert len(catalogue.texts(Part.HELD_OUT, in_scope=False)) >= 60


def test_what_measures_was_never_taught(catalogue: Catalogue) -> None:
    def plain(part: Part) -> set[str]:
        return {
            " ".join(re.findall(r"\w+", utterance.text.lower()))
            for utterance in catalogue.utterances
            if utterance.part is part
        }

    assert plain(Part.TRAIN) & plain(Part.HELD_OUT) == set()


def test_the_metrics_label_has_room_for_every_intent(catalogue: Catalogue) -> None:
    bound = read_contract().metrics["nlu_parses_total"].labels["intent"]
    assert len(catalogue.intents) <= bound.at_most


def test_synonyms_lead_to_words_that_product_names_use(catalogue: Catalogue) -> None:
    nouns = {
        noun
        for line in re.findall(r"\('\w+', '([^']+)'\)", PRODUCTS_SQL.read_text(encoding="utf-8"))
        for noun in line.split(",")
    }
    assert len(nouns) == 160
    assert set(catalogue.synonyms.values()) <= nouns
    assert not catalogue.synonyms.keys() & nouns


@pytest.mark.parametrize(
    ("held_out", "complaint"),
    [
        ("hello", "stands twice"),
        ("Hello", "stands twice"),
        ("yes", "put quotes"),
        ("''", "no text"),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason(
    tmp_path: Path, held_out: str, complaint: str
) -> None:
    path = tmp_path / "catalogue.yaml"
    path.write_text(MINIMAL % held_out, encoding="utf-8")
    with pytest.raises(ValueError, match=complaint):
        read_catalogue(path)
