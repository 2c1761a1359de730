"""Turns a plain reply into what is said: worded by a model where that is safe, else plain.

A streamed reply cannot be taken back, so its guard cannot wait for the end. Streamed facts are
therefore said in the plain form first, and the model only adds a closing sentence, held back until
it is complete and found to state nothing. That way the facts are read before the model has begun,
and are still there when it breaks off. Courtesies stream sentence by sentence for the same reason.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from demo_services.dialog_manager.acts import Act
from demo_services.dialog_manager.instruments import DialogInstruments
from demo_services.dialog_manager.ports import Model, ModelDown, Usage
from demo_services.dialog_manager.prompts import (
    FACTUAL,
    SOCIAL,
    Prompt,
    close_after,
    reword_courtesy,
    reword_facts,
)
from demo_services.dialog_manager.wording import (
    CourtesyStream,
    Rejected,
    check_courtesy,
    check_facts,
)

# A kind sentence is short; what a model writes beyond it would only be thrown away.
_CLOSING_TOKENS = 24
_COURTESY_SENTENCES = 3


@dataclass(frozen=True)
class Spoken:
    """The reply as it was said, and what the model took for it."""

    text: str
    usage: Usage
    model_down: bool = False


class Speaker:
    """Says replies through a model; `most_tokens` limits one wording."""

    def __init__(self, model: Model, instruments: DialogInstruments, most_tokens: int) -> None:
        self._model = model
        self._instruments = instruments
        self._most_tokens = most_tokens

    async def say(self, act: Act, plain: str, model: str | None) -> Spoken:
        """The whole reply."""
        if act not in FACTUAL | SOCIAL:
            return Spoken(plain, Usage())
        reword = reword_facts if act in FACTUAL else reword_courtesy
        try:
            worded, usage = await self._model.word(reword(plain, self._most_tokens), model)
        except ModelDown:
            return Spoken(plain, Usage(), model_down=True)
        if act in FACTUAL:
            rejected = check_facts(plain, worded)
        else:
            rejected = check_courtesy(worded, plain)
        self._count(rejected)
        return Spoken(plain if rejected else worded, usage)

    async def stream(self, act: Act, plain: str, model: str | None) -> AsyncIterator[str | Spoken]:
        """The reply piece by piece, a Spoken last."""
        said = ""
        if act not in SOCIAL:
            said = plain
            yield plain
        spoken = Spoken("", Usage())
        if act in FACTUAL | SOCIAL:
            async for piece in self._courtesy(act, plain, model):
                if isinstance(piece, Spoken):
                    spoken = piece
                    continue
                spaced = f" {piece.strip()}" if said else piece.strip()
                said += spaced
                yield spaced
        if not said:
            said = plain
            yield plain
        yield Spoken(said, spoken.usage, spoken.model_down)

    async def _courtesy(
        self, act: Act, plain: str, model: str | None
    ) -> AsyncIterator[str | Spoken]:
        """Sentences that state nothing, a Spoken without text last."""
        if act in FACTUAL:
            guard = CourtesyStream(most_sentences=1)
            prompt: Prompt = close_after(plain, min(_CLOSING_TOKENS, self._most_tokens))
        else:
            guard = CourtesyStream(plain, most_sentences=_COURTESY_SENTENCES)
            prompt = reword_courtesy(plain, self._most_tokens)
        usage, down = Usage(), False
        try:
            async for piece in self._model.stream(prompt, model):
                if isinstance(piece, Usage):
                    usage = piece
                elif sentence := guard.take(piece):
                    yield sentence
        except ModelDown:
            down = True
        if sentence := guard.rest():
            yield sentence
        self._count(guard.rejected)
        yield Spoken("", usage, model_down=down)

    def _count(self, rejected: Rejected | None) -> None:
        if rejected:
            self._instruments.wordings_rejected.inc(reason=rejected)
