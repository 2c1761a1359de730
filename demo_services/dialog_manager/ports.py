"""What turns need from outside: a store, the knowledge base, a model. Adapters fill these in."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Protocol

from demo_services.dialog_manager.acts import Outcome
from demo_services.dialog_manager.lookups import Answered
from demo_services.dialog_manager.moves import Lookup
from demo_services.dialog_manager.prompts import Prompt
from demo_services.dialog_manager.state import DialogState

Answer = dict[str, Any]
"""A TurnAnswer: see `turns.answer_of` for its fields."""


class StoreDown(Exception):
    """The database did not answer."""


class NotAdmitted(Exception):
    """The store refuses the turn. `reason`: unknown_session, unknown_turn, session_ended,
    turn_in_progress or foreign_turn."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Opened:
    """A turn that may run, or was answered before (`answer`). `began`: it began its session."""

    turn_index: int
    answer: Answer | None = None
    began: bool = False


@dataclass(frozen=True)
class Claim:
    """The right to run one turn; `number` tells this claim from later ones on the same session."""

    session_id: str
    turn_id: str
    number: int
    state: DialogState


@dataclass(frozen=True)
class Ended:
    """How a session ended; `now`: this call ended it."""

    session_id: str
    outcome: Outcome
    turns: int
    now: bool


class Store(Protocol):
    """Sessions and turns. Every method may raise StoreDown."""

    async def open_turn(
        self,
        session_id: str,
        turn_id: str,
        *,
        new_session: bool,
        user_id: str | None,
        source_id: str | None,
    ) -> Opened:
        """Admit a turn. Raises NotAdmitted."""

    async def claim_turn(self, session_id: str, turn_id: str) -> Claim | Answer:
        """The right to run an opened turn, or its answer if it ran before. Raises NotAdmitted."""

    async def finish_turn(self, claim: Claim, state: DialogState, answer: Answer) -> None:
        """Keep the answer and what follows from it. NotAdmitted if the claim was lost meanwhile."""

    async def release_turn(self, claim: Claim) -> None:
        """Give a claim back, so that the turn may be tried again at once."""

    async def end_session(self, session_id: str) -> Ended:
        """End a session, or tell how it ended. Raises NotAdmitted."""

    async def end_idle_sessions(self, idle_s: float, most: int) -> list[Ended]:
        """End up to `most` sessions in which nothing happened for `idle_s` seconds."""

    async def read_session(self, session_id: str) -> dict[str, Any]:
        """What is known of a session, without texts or entities. Raises NotAdmitted."""

    async def check(self) -> None:
        """Return if the store answers."""


class Knowledge(Protocol):
    """The shop's records."""

    async def look_up(self, lookup: Lookup) -> Answered:
        """The record, or that there is none, or that nobody could say; raises for neither."""


class ModelDown(Exception):
    """The model gave nothing usable."""


@dataclass(frozen=True)
class Usage:
    """What a model call took; `cost_usd` is 0 where the model is free."""

    model_name: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0


class Model(Protocol):
    """Words replies. Every method may raise ModelDown."""

    async def word(self, prompt: Prompt, model: str | None) -> tuple[str, Usage]:
        """The whole wording."""

    def stream(self, prompt: Prompt, model: str | None) -> AsyncGenerator[str | Usage, None]:
        """Pieces of the wording as they come; a Usage last."""
