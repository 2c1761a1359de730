"""The catalogue as an object, and its reading from catalogue.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

CATALOGUE_FILE = Path(__file__).with_name("catalogue.yaml")


class Part(StrEnum):
    """What an utterance is for: to train the classifier, or only ever to measure it."""

    TRAIN = "train"
    HELD_OUT = "held_out"


@dataclass(frozen=True)
class Utterance:
    """An example sentence; its intent is None where it lies outside of the assistant's scope."""

    text: str
    intent: str | None
    part: Part


@dataclass(frozen=True)
class Catalogue:
    """Intents with descriptions, example utterances, and synonyms (word to canonical word)."""

    version: str
    digest: str
    intents: Mapping[str, str]
    utterances: tuple[Utterance, ...]
    synonyms: Mapping[str, str]

    def texts(self, part: Part, *, in_scope: bool) -> list[Utterance]:
        """The utterances of one part, inside or outside of scope."""
        return [
            utterance
            for utterance in self.utterances
            if utterance.part is part and (utterance.intent is not None) is in_scope
        ]


def read_catalogue(path: Path = CATALOGUE_FILE) -> Catalogue:
    """Read and check a catalogue file. ValueError names what is wrong with it."""
    content = path.read_bytes()
    raw: dict[str, Any] = yaml.safe_load(content)
    utterances = tuple(_utterances(raw))
    _refuse_doubles(utterances)
    return Catalogue(
        version=str(raw["version"]),
        digest=sha256(content).hexdigest(),
        intents={str(intent["name"]): str(intent["description"]) for intent in raw["intents"]},
        utterances=utterances,
        synonyms={
            word.lower(): canonical.lower()
            for canonical, words in raw["synonyms"].items()
            for word in words
        },
    )


def _utterances(raw: dict[str, Any]) -> Iterator[Utterance]:
    for intent in raw["intents"]:
        for text in intent["utterances"]:
            yield _utterance(text, intent["name"], Part.TRAIN)
        for text in intent["held_out"]:
            yield _utterance(text, intent["name"], Part.HELD_OUT)
    for part in Part:
        for text in raw["out_of_scope"][part.value]:
            yield _utterance(text, None, part)


def _utterance(text: object, intent: str | None, part: Part) -> Utterance:
    if not isinstance(text, str) or not text.strip():
        where = intent or "out_of_scope"
        raise ValueError(f"{where}: {text!r} is no text; put quotes around words such as yes")
    return Utterance(text.strip(), intent, part)


def _refuse_doubles(utterances: tuple[Utterance, ...]) -> None:
    seen: dict[str, Utterance] = {}
    for utterance in utterances:
        key = utterance.text.casefold()
        if key in seen:
            first, second = seen[key].intent or "out_of_scope", utterance.intent or "out_of_scope"
            raise ValueError(f"{utterance.text!r} stands twice: under {first} and under {second}")
        seen[key] = utterance
