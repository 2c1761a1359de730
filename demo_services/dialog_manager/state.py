"""What a session remembers between two turns; one JSON object in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any


class Question(StrEnum):
    """What kind of answer the assistant waits for."""

    SLOT = "slot"
    REQUEST = "request"
    HANDOFF = "handoff"
    INTENT = "intent"
    ANYTHING_ELSE = "anything_else"


@dataclass(frozen=True)
class Pending:
    """A question that was asked: `value` is the slot, the intent or the reason it is about."""

    question: Question
    value: str


@dataclass(frozen=True)
class DialogState:
    """`task_open`: `intent` was begun and is not answered yet. `trouble`: the last task went wrong.

    `streak` counts replies of one kind in a row that brought no progress; `streak_of` says which.
    """

    intent: str | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    pending: Pending | None = None
    failed_repairs: int = 0
    streak_of: str = ""
    streak: int = 0
    tasks_done: int = 0
    task_open: bool = False
    trouble: bool = False
    last_reply: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON column."""
        return asdict(self)

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> DialogState:
        """The state `to_json` gave; unknown keys are dropped, missing ones as in a new state."""
        known = {key: stored[key] for key in DialogState.__dataclass_fields__ if key in stored}
        pending = known.pop("pending", None)
        state = DialogState(**known)
        if pending:
            question = Pending(Question(pending["question"]), str(pending["value"]))
            state = replace(state, pending=question)
        return state

    @property
    def leaves_open(self) -> bool:
        """True while something was begun, or asked, that has no answer yet."""
        waits = self.pending is not None and self.pending.question is not Question.ANYTHING_ELSE
        return self.task_open or waits

    def emptied(self) -> DialogState:
        """What is left after the end: counts, no entities and no texts."""
        return DialogState(
            intent=self.intent,
            failed_repairs=self.failed_repairs,
            tasks_done=self.tasks_done,
            task_open=self.task_open,
            trouble=self.trouble,
        )
