"""Turns a plain reply into what is said: worded by a model where that is safe, else plain.

A whole reply that states facts is reworded, and the wording is checked before it is said. A
streamed reply cannot be taken back, so it is not reworded: the plain form is said first, and the
model adds one kind sentence, held back until it is complete and found to state nothing. That way
the facts are read before the model has begun, and are still there when it breaks off. Courtesies go
the second way in both forms.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from demo_services.dialog_manager.acts import Act
from demo_services.dialog_manager.instruments import DialogInstruments
from demo_services.dialog_manager.ports import Model, ModelDown, Usage
from demo_services.dialog_manager.prompts import FACTUAL, SOCIAL, kind_sentence, reword
from demo_services.dialog_manager.wording import (
    Rejected,
    check_courtesy,
    check_facts,
    first_sentence,
)


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
        prompt = reword(plain, self._most_tokens) if act in FACTUAL else kind_sentence(act, plain)
        try:
            worded, usage = await self._model.word(prompt, model)
        except ModelDown:
            return Spoken(plain, Usage(), model_down=True)
        if act in FACTUAL:
            text = plain if self._is_rejected(check_facts(plain, worded)) else worded
        else:
            text = _joined(plain, self._courtesy(worded))
        return Spoken(text, usage)

    async def stream(
        self, act: Act, plain: str, model: str | None
    ) -> AsyncGenerator[str | Spoken, None]:
        """The reply piece by piece, a Spoken last."""
        yield plain
        if act not in FACTUAL | SOCIAL:
            yield Spoken(plain, Usage())
            return
        written, usage = "", Usage()
        added: str | None = None
        try:
            pieces = self._model.stream(kind_sentence(act, plain), model)
            # Closed at once if the listener leaves: the model would go on for nobody.
            async with aclosing(pieces):
                async for piece in pieces:
                    if isinstance(piece, Usage):
                        usage = piece
                        continue
                    written += piece
                    # Once decided the rest is only read for its usage, which comes last.
                    if added is None and first_sentence(written):
                        added = self._courtesy(written)
                        if added:
                            yield f" {added}"
        except ModelDown:
            yield Spoken(_joined(plain, added), usage, model_down=True)
            return
        if added is None and (added := self._courtesy(written)):
            yield f" {added}"
        yield Spoken(_joined(plain, added), usage)

    def _courtesy(self, written: str) -> str:
        """The first sentence if it states nothing, else nothing."""
        sentence = first_sentence(f"{written} ")
        return "" if self._is_rejected(check_courtesy(sentence)) else sentence

    def _is_rejected(self, reason: Rejected | None) -> bool:
        if reason:
            self._instruments.wordings_rejected.inc(reason=reason)
        return reason is not None


def _joined(plain: str, added: str | None) -> str:
    return f"{plain} {added}" if added else plain
