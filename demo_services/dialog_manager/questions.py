"""What a message means right behind a question of the assistant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from demo_services.dialog_manager.acts import Act, FallbackReason, HandoffReason, RepairKind
from demo_services.dialog_manager.intents import POLICIES, TASKS, Kind
from demo_services.dialog_manager.moves import (
    Move,
    ask_anything_else,
    ask_task,
    hand_off,
    offer_handoff,
    repair,
    task_done,
)
from demo_services.dialog_manager.slots import Heard, says_yes
from demo_services.dialog_manager.state import DialogState, Pending, Question
from demo_services.dialog_manager.tasks import follow, say_goodbye

# A message of so few words behind a question answers it, whatever intent it resembles.
_BARE_ANSWER_WORDS = 5
# Words that steer the talk are no attempt at an answer.
_STEERING = (Kind.SMALL_TALK, Kind.COMPLAINT, Kind.REPEAT)


@dataclass(frozen=True)
class Message:
    """One message with what was made of it; `heard` is None without NLU, `doubt` if it is clear."""

    text: str
    heard: Heard | None
    doubt: FallbackReason | None
    filled: Mapping[str, str]

    @property
    def kind(self) -> Kind | None:
        """How its intent is worked on; None where it was not clearly understood."""
        return POLICIES[self.heard.intent].kind if self.heard and not self.doubt else None

    @property
    def wants_task(self) -> bool:
        """True when it clearly asks for something to be done."""
        return self.kind in TASKS

    def changes_task(self, state: DialogState) -> bool:
        """True when it clearly asks for something else than what the talk is about."""
        return self.heard is not None and self.wants_task and self.heard.intent != state.intent


def answer_question(state: DialogState, pending: Pending, message: Message) -> Move | None:
    """The move if the message answers or misses what was asked; None if it leaves the question."""
    if pending.question is Question.SLOT:
        return _answer_slot(state, pending, message)
    agreed = _agreed(message)
    if pending.question is Question.ANYTHING_ELSE and (agreed is None or message.wants_task):
        return None
    if agreed is not None:
        return _agree(state, pending, message) if agreed else _refuse(state, pending)
    if message.heard is None or message.wants_task or message.kind in _STEERING:
        return None
    return _ask_yes_no_again(state, pending)


def _answer_slot(state: DialogState, pending: Pending, message: Message) -> Move | None:
    changes = message.changes_task(state)
    if pending.value in message.filled:
        if changes and len(message.text.split()) > _BARE_ANSWER_WORDS:
            return None
        return follow(state, state.intent or "", message.filled)
    if message.heard is None or changes or message.kind in _STEERING:
        return None
    again = Act.ASK_SLOT_AGAIN
    return repair(state, RepairKind.ASK_SLOT_AGAIN, again, missing=(pending.value,))


def _agreed(message: Message) -> bool | None:
    if message.kind is Kind.AFFIRM:
        return True
    return False if message.kind is Kind.DENY else says_yes(message.text)


def _ask_yes_no_again(state: DialogState, pending: Pending) -> Move:
    if pending.question is not Question.HANDOFF:
        act = Act.CLARIFY if pending.question is Question.INTENT else Act.ASK_CONFIRMATION
        return repair(state, RepairKind.ASK_YES_NO_AGAIN, act)
    # No count of failed repairs: `settle` brings the human instead of a third offer.
    offer = offer_handoff(state, HandoffReason(pending.value))
    return replace(offer, repair=RepairKind.ASK_YES_NO_AGAIN)


def _agree(state: DialogState, pending: Pending, message: Message) -> Move:
    state = replace(state, pending=None)
    if pending.question is Question.HANDOFF:
        return hand_off(state, HandoffReason(pending.value))
    if pending.question is Question.INTENT:
        return follow(replace(state, failed_repairs=0), pending.value, message.filled)
    if pending.question is Question.ANYTHING_ELSE:
        return ask_task(state)
    return Move(task_done(state), Act.REGISTER_REQUEST, pending.value)


def _refuse(state: DialogState, pending: Pending) -> Move:
    if pending.question is Question.REQUEST:
        return ask_anything_else(task_done(state), Act.DROP_REQUEST, pending.value)
    if pending.question is Question.ANYTHING_ELSE:
        return say_goodbye(state, state.intent)
    if pending.question is Question.INTENT:
        state = replace(state, pending=None)
        return repair(state, RepairKind.REPHRASE, Act.REPHRASE)
    return ask_task(state)
