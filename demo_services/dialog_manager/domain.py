"""The dialog policy: from what was heard to what is done. Three pure steps a turn.

`decide` takes the message, `conclude` the record that was looked up for it, `settle` guards against
going in circles. Nothing here knows a network, a clock or a framework.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from demo_services.dialog_manager.acts import (
    Act,
    DegradedReason,
    FallbackReason,
    HandoffReason,
    RepairKind,
)
from demo_services.dialog_manager.intents import POLICIES, Kind
from demo_services.dialog_manager.lookups import Answered, Found, conclude
from demo_services.dialog_manager.moves import Move, hand_off, offer_handoff, repair
from demo_services.dialog_manager.questions import Message, answer_question
from demo_services.dialog_manager.slots import Heard, read_slots, says_done
from demo_services.dialog_manager.state import DialogState, Pending, Question
from demo_services.dialog_manager.tasks import follow, outcome_at_end, say_goodbye

__all__ = [
    "Answered", "Found", "Limits", "conclude", "decide", "doubt_of", "outcome_at_end", "settle",
]  # fmt: skip

LOOP_LENGTH = 3
"""The same reply so many times in a row without progress is a loop."""

# Replies that may well come several times without anybody being stuck.
_NEVER_A_LOOP = frozenset({Act.GREET, Act.WELCOME, Act.INTRODUCE, Act.SAY_GOODBYE, Act.HAND_OFF})


@dataclass(frozen=True)
class Limits:
    """Below these a message counts as not understood; all are 0..1."""

    confidence: float = 0.4
    margin: float = 0.08
    entity_score: float = 0.5


def decide(state: DialogState, heard: Heard | None, text: str, limits: Limits) -> Move:
    """What to do with one message; `heard` is None when NLU gave nothing."""
    message = _read(state, heard, text, limits)
    state = replace(state, slots={**state.slots, **message.filled})
    if message.kind is Kind.AGENT and heard:
        return hand_off(replace(state, intent=heard.intent), HandoffReason.REQUESTED)
    waits = state.pending is not None and state.pending.question is not Question.ANYTHING_ELSE
    if says_done(text) and not waits and not message.wants_task:
        return _by(heard, say_goodbye(state, state.intent))
    move = answer_question(state, state.pending, message) if state.pending else None
    if move:
        return _by(heard, move)
    if not waits:
        state = replace(state, pending=None)
    if heard is None:
        down = replace(state, trouble=True)
        return Move(down, Act.ADMIT_OUTAGE, state.intent, degraded=DegradedReason.NLU)
    if message.doubt:
        return _not_understood(state, heard, message.doubt)
    return follow(state, heard.intent, message.filled)


def _read(state: DialogState, heard: Heard | None, text: str, limits: Limits) -> Message:
    pending = state.pending
    asked = pending.value if pending and pending.question is Question.SLOT else None
    filled = read_slots(heard, text, asked, limits.entity_score)
    return Message(text, heard, doubt_of(heard, limits) if heard else None, filled)


def _by(heard: Heard | None, move: Move) -> Move:
    """The move, marked if it had to do without NLU."""
    return move if heard else replace(move, degraded=DegradedReason.NLU)


def doubt_of(heard: Heard, limits: Limits) -> FallbackReason | None:
    """Why a message should not be acted on; None when it is clear enough."""
    if heard.out_of_scope:
        return FallbackReason.OUT_OF_SCOPE
    if heard.intent not in POLICIES:
        return FallbackReason.UNKNOWN_INTENT
    if heard.confidence < limits.confidence:
        return FallbackReason.LOW_CONFIDENCE
    return FallbackReason.LOW_MARGIN if heard.margin < limits.margin else None


def _not_understood(state: DialogState, heard: Heard, doubt: FallbackReason) -> Move:
    state = replace(state, trouble=True)
    if doubt is FallbackReason.OUT_OF_SCOPE:
        return Move(state, Act.REFUSE_OUT_OF_SCOPE, state.intent, fallback=doubt)
    guess = POLICIES.get(heard.intent)
    if doubt is FallbackReason.LOW_MARGIN and guess and guess.about:
        asked = replace(state, pending=Pending(Question.INTENT, heard.intent))
        return repair(asked, RepairKind.CLARIFY, Act.CLARIFY, fallback=doubt)
    return repair(state, RepairKind.REPHRASE, Act.REPHRASE, fallback=doubt)


def _about(move: Move) -> str:
    """The slot that decides the answer; another date, say, is no progress on an order."""
    policy = POLICIES.get(move.intent or "")
    return move.state.slots.get(policy.needs or "", "") if policy else ""


def settle(before: DialogState, move: Move) -> Move:
    """Count replies that bring nothing new: the third offers a human, a third offer brings one."""
    act = move.act
    if act is None:
        raise ValueError("a move is settled after its look-up was concluded")
    if act in _NEVER_A_LOOP or move.outcome:
        return replace(move, state=replace(move.state, streak_of="", streak=0))
    same = f"{act}|{move.intent}|{_about(move)}"
    streak = before.streak + 1 if before.streak_of == same else 1
    if streak < LOOP_LENGTH:
        return replace(move, state=replace(move.state, streak_of=same, streak=streak))
    if act is Act.OFFER_HANDOFF:
        return hand_off(move.state, move.handoff or HandoffReason.LOOP)
    reason = HandoffReason.OUTAGE if act is Act.ADMIT_OUTAGE else HandoffReason.LOOP
    offer = offer_handoff(replace(move.state, streak_of="", streak=0), reason)
    return replace(offer, fallback=move.fallback, degraded=move.degraded)
