"""From the catalogue to a trained model."""

from __future__ import annotations

from dataclasses import dataclass

from demo_services.nlu.adapters.intent_model import Embedder, IntentModel, embed_in_batches, train
from demo_services.nlu.catalogue import Catalogue, Part


@dataclass(frozen=True)
class TrainedModel:
    """A model and the version it is known by."""

    intents: IntentModel
    version: str


def version_of(embedding_name: str, catalogue_version: str) -> str:
    """What a release of the understanding is called: its embedding and its catalogue."""
    return f"{embedding_name}+catalogue-{catalogue_version}"


def train_model(catalogue: Catalogue, embedder: Embedder, embedding_name: str) -> TrainedModel:
    """Train on the catalogue's training part; takes seconds of CPU, so call it in a thread."""
    inside = catalogue.texts(Part.TRAIN, in_scope=True)
    outside = catalogue.texts(Part.TRAIN, in_scope=False)
    model = train(
        embed_in_batches(embedder, [utterance.text for utterance in inside]),
        [str(utterance.intent) for utterance in inside],
        embed_in_batches(embedder, [utterance.text for utterance in outside]),
    )
    return TrainedModel(model, version_of(embedding_name, catalogue.version))
