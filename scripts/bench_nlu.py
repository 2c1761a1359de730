"""Measures the NLU: `make bench-nlu`.

Trains on the catalogue's training part and measures on its held-out part; then the same code on
two public corpora, where their files lie in $TURNSCOPE_DATA (default: ../shared/data). Exit code 1
when a figure of the catalogue misses its aim.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from anyio import CapacityLimiter
from rich.console import Console
from rich.table import Table
from sklearn.metrics import roc_auc_score
from sqlalchemy.exc import SQLAlchemyError

from demo_services.nlu.adapters.affect import LexiconAffectReader
from demo_services.nlu.adapters.catalogue_store import CatalogueStore
from demo_services.nlu.adapters.database import make_engine
from demo_services.nlu.adapters.intent_model import IntentModel, embed_in_batches, train
from demo_services.nlu.adapters.minilm import MODEL_NAME, MiniLmEmbedder
from demo_services.nlu.adapters.product_store import ProductStore
from demo_services.nlu.adapters.scope import Vectors
from demo_services.nlu.catalogue import Part, read_catalogue
from demo_services.nlu.entities import EntityFinder
from demo_services.nlu.instruments import NluInstruments
from demo_services.nlu.parsing import Parser
from demo_services.nlu.settings import NluSettings
from demo_services.nlu.training import TrainedModel
from turnscope.instrument import Telemetry

LEAST_ACCURACY = 0.85
LEAST_AUROC = 0.90
DATA = Path(os.environ.get("TURNSCOPE_DATA", Path(__file__).parents[2] / "shared" / "data"))


@dataclass(frozen=True)
class Examples:
    """Vectors and the intents they belong to."""

    vectors: Vectors
    intents: np.ndarray

    def pick(self, places: Sequence[int]) -> Examples:
        return Examples(self.vectors[places], self.intents[places])


@dataclass(frozen=True)
class Result:
    """One line of the table; `auroc` is None where a corpus has nothing out of scope."""

    corpus: str
    taught: int
    intents: int
    asked: int
    accuracy: float
    auroc: float | None
    kept: float | None
    refused: float | None
    training_s: float


def measure(
    corpus: str,
    taught: Examples,
    asked: Examples,
    outside: Vectors,
    outside_asked: Vectors | None,
) -> tuple[Result, IntentModel]:
    """Train on what is taught, and see what becomes of what is asked."""
    started = time.perf_counter()
    model = train(taught.vectors, [str(intent) for intent in taught.intents], outside)
    training_s = time.perf_counter() - started
    accuracy = float((model.regression.predict(asked.vectors) == asked.intents).mean())
    auroc = kept = refused = None
    if outside_asked is not None:
        inside_scores = model.scope.scores(asked.vectors)
        outside_scores = model.scope.scores(outside_asked)
        truth = np.r_[np.ones(len(inside_scores)), np.zeros(len(outside_scores))]
        auroc = float(roc_auc_score(truth, np.r_[inside_scores, outside_scores]))
        kept = float((inside_scores >= model.scope.border).mean())
        refused = float((outside_scores < model.scope.border).mean())
    intents = len(model.regression.classes_)
    result = Result(
        corpus,
        len(taught.intents),
        intents,
        len(asked.intents),
        accuracy,
        auroc,
        kept,
        refused,
        training_s,
    )
    return result, model


class Bench:
    """Runs the corpora with one embedder."""

    def __init__(self) -> None:
        self.embedder = MiniLmEmbedder(threads=2, max_tokens=128)
        self.catalogue = read_catalogue()
        self.results: list[Result] = []
        self.notes: list[str] = []

    def vectors(self, texts: Sequence[str]) -> Vectors:
        return embed_in_batches(self.embedder, texts)

    def part(self, part: Part, *, in_scope: bool) -> Examples:
        utterances = self.catalogue.texts(part, in_scope=in_scope)
        intents = np.asarray([utterance.intent or "" for utterance in utterances])
        return Examples(self.vectors([utterance.text for utterance in utterances]), intents)

    def measure_catalogue(self) -> IntentModel:
        result, model = measure(
            "catalogue, held out",
            self.part(Part.TRAIN, in_scope=True),
            self.part(Part.HELD_OUT, in_scope=True),
            self.part(Part.TRAIN, in_scope=False).vectors,
            self.part(Part.HELD_OUT, in_scope=False).vectors,
        )
        self.results.append(result)
        return model

    def measure_corpus(self, name: str) -> None:
        path = DATA / f"{name}.jsonl.gz"
        if not path.is_file():
            self.notes.append(f"{name}: not measured, there is no {path}")
            return
        texts: dict[str, list[str]] = defaultdict(list)
        intents: dict[str, list[str]] = defaultdict(list)
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                texts[row["split"]].append(row["text"])
                intents[row["split"]].append(row["intent"])
        taught, asked = (
            Examples(self.vectors(texts[split]), np.asarray(intents[split]))
            for split in ("train", "test")
        )
        if texts["oos_train"]:
            outside = self.vectors(texts["oos_train"])
            outside_asked: Vectors | None = self.vectors(texts["oos_test"])
        else:
            outside, outside_asked = self.part(Part.TRAIN, in_scope=False).vectors, None
        few = taught.pick(ten_of_each(taught.intents))
        for label, examples in ((f"{name}, 10 an intent", few), (f"{name}, all", taught)):
            self.results.append(measure(label, examples, asked, outside, outside_asked)[0])

    async def measure_latency(self, model: IntentModel, parses: int) -> None:
        """Parses one after the other, as the service does them, over the held-out texts."""
        settings = NluSettings()
        engine = make_engine(settings)
        telemetry = Telemetry.in_memory("nlu")
        finder = EntityFinder(
            ProductStore(engine),
            telemetry,
            timeout_s=settings.lookup_timeout_s,
            least_score=settings.product_least_score,
        )
        parser = Parser(
            embedder=MiniLmEmbedder(threads=settings.model_threads, max_tokens=settings.max_tokens),
            affect=LexiconAffectReader(),
            finder=finder,
            telemetry=telemetry,
            instruments=NluInstruments.of(telemetry),
            workers=CapacityLimiter(settings.cpu_workers),
        )
        try:
            await CatalogueStore(engine).read()
            how = "with both look-ups in PostgreSQL"
        except (SQLAlchemyError, OSError):
            how = "without a database (NLU_DATABASE_URL does not answer)"
        trained = TrainedModel(model, MODEL_NAME)
        texts = [u.text for u in self.catalogue.texts(Part.HELD_OUT, in_scope=True)]
        taken = []
        for place in range(-20, parses):
            started = time.perf_counter()
            await parser.parse(texts[place % len(texts)], trained)
            if place >= 0:
                taken.append((time.perf_counter() - started) * 1000)
        await engine.dispose()
        p50, p95, p99 = np.percentile(taken, [50, 95, 99])
        self.notes.append(
            f"parse latency over {parses} messages, {how}: "
            f"P50 {p50:.1f} ms, P95 {p95:.1f} ms, P99 {p99:.1f} ms"
        )


def ten_of_each(intents: np.ndarray) -> list[int]:
    """Places of ten examples of every intent, the same ones in every run."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, intent in enumerate(intents):
        places[str(intent)].append(place)
    chance = random.Random(0)
    return [place for known in places.values() for place in chance.sample(known, 10)]


def table_of(results: Sequence[Result]) -> Table:
    """The results for the terminal."""
    table = Table(title="Intents and scope")
    headings = "corpus|examples|intents|asked|accuracy|scope AUROC|kept|refused|training"
    for heading in headings.split("|"):
        table.add_column(heading, justify="left" if heading == "corpus" else "right")
    for result in results:
        shares = (
            "-" if share is None else f"{share:.1%}" for share in (result.kept, result.refused)
        )
        table.add_row(
            result.corpus,
            f"{result.taught:,}",
            str(result.intents),
            f"{result.asked:,}",
            f"{result.accuracy:.1%}",
            "-" if result.auroc is None else f"{result.auroc:.3f}",
            *shares,
            f"{result.training_s:.1f} s",
        )
    return table


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--own-only", action="store_true", help="leave the public corpora out")
    parser.add_argument("--parses", type=int, default=300, help="messages for the latency")
    options = parser.parse_args()
    bench = Bench()
    model = bench.measure_catalogue()
    asyncio.run(bench.measure_latency(model, options.parses))
    if not options.own_only:
        for corpus in ("clinc150", "banking77"):
            bench.measure_corpus(corpus)
    console = Console(width=120)
    console.print(table_of(bench.results))
    console.print("kept: share in scope that is answered; refused: share out of scope that is not.")
    for note in bench.notes:
        console.print(note, highlight=False)
    own = bench.results[0]
    met = own.accuracy >= LEAST_ACCURACY and (own.auroc or 0) >= LEAST_AUROC
    aim = f"at least {LEAST_ACCURACY:.0%} accuracy and {LEAST_AUROC} AUROC on the catalogue"
    console.print(f"Aim ({aim}): {'met' if met else 'MISSED'}.", highlight=False)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
