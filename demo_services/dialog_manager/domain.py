"""The dialog policy: from what was heard to what is done. Three pure steps a turn.

`decide` takes the message, `conclude` the record that was looked up for it, `settle` guards against
going in circles. Nothing here knows a network, a clock or a framework.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from demo_services.dialog_manager.acts import (
    Act,
    DegradedReason,
    FallbackReason,
    HandoffReason,
    Outcome,
    RepairKind,
)
from demo_services.dialog_manager.intents import POLICIES, Kind, Source
from demo_services.dialog_manager.moves import (
    Lookup,
    Move,
    ask_confirmation,
    ask_slot,
    ask_task,
    hand_off,
    offer_handoff,
    repair,
    task_done,
)
from demo_services.dialog_manager.requests import refusal_of
from demo_services.dialog_manager.slots import Heard, read_slots, says_yes
from demo_services.dialog_manager.state import DialogState, Pending, Question

LOOP_LENGTH = 3
"""The same reply so many times in a row without progress is a loop."""

# Replies that may well come several times without anybody being stuck.
_NEVER_A_LOOP = frozenset({Act.GREET, Act.WELCOME, Act.INTRODUCE, Act.SAY_GOODBYE, Act.HAND_OFF})
# A message of so few words behind a question answers it, whatever intent it resembles.
_BARE_ANSWER_WORDS = 5


@dataclass(frozen=True)
class Limits:
    """Below these a message counts as not understood; all are 0..1."""

    confidence: float = 0.4
    margin: float = 0.08
    entity_score: float = 0.5


class Found(StrEnum):
    """What became of a look-up."""

    RECORD = "record"
    NOTHING = "nothing"
    OUTAGE = "outage"


@dataclass(frozen=True)
class Answered:
    """The knowledge base's reply to a look-up."""

    found: Found
    record: Mapping[str, Any] = field(default_factory=dict)


def decide(state: DialogState, heard: Heard | None, text: str, limits: Limits) -> Move:
    """What to do with one message; `heard` is None when NLU gave nothing."""
    asked = (
        state.pending.value if state.pending and state.pending.question is Question.SLOT else None
    )
    filled = read_slots(heard, text, asked, limits.entity_score)
    state = replace(state, slots={**state.slots, **filled})
    doubt = doubt_of(heard, limits) if heard else None
    if heard and not doubt and POLICIES[heard.intent].kind is Kind.AGENT:
        return hand_off(replace(state, intent=heard.intent), HandoffReason.REQUESTED)
    if state.pending:
        move = _answer_to_question(state, state.pending, heard, doubt, text, filled)
        if move:
            return move if heard else replace(move, degraded=DegradedReason.NLU)
    if heard is None:
        down = replace(state, trouble=True)
        return Move(down, Act.ADMIT_OUTAGE, state.intent, degraded=DegradedReason.NLU)
    if doubt:
        return _not_understood(state, heard, doubt)
    return _follow(state, heard.intent, filled)


def doubt_of(heard: Heard, limits: Limits) -> FallbackReason | None:
    """Why a message should not be acted on; None when it is clear enough."""
    if heard.out_of_scope:
        return FallbackReason.OUT_OF_SCOPE
    if heard.intent not in POLICIES:
        return FallbackReason.UNKNOWN_INTENT
    if heard.confidence < limits.confidence:
        return FallbackReason.LOW_CONFIDENCE
    return FallbackReason.LOW_MARGIN if heard.margin < limits.margin else None


def _answer_to_question(
    state: DialogState,
    pending: Pending,
    heard: Heard | None,
    doubt: FallbackReason | None,
    text: str,
    filled: Mapping[str, str],
) -> Move | None:
    """The move if the message answers, or misses, what was asked; None if it is about something else."""
    clear = POLICIES[heard.intent] if heard and not doubt else None
    another_task = bool(heard and clear and clear.is_task and heard.intent != state.intent)
    if pending.question is Question.SLOT:
        if pending.value in filled:
            if another_task and len(text.split()) > _BARE_ANSWER_WORDS:
                return None
            return _follow(state, state.intent or "", filled)
        if heard is None:
            return None
        if another_task or (clear and _steers(clear.kind)):
            return None
        again = Act.ASK_SLOT_AGAIN
        return repair(state, RepairKind.ASK_SLOT_AGAIN, again, missing=(pending.value,))
    agreed = _agreed(clear.kind if clear else None, text)
    if agreed is not None:
        return _agree(state, pending, filled) if agreed else _refuse(state, pending)
    if heard is None or another_task or (clear and (clear.is_task or _steers(clear.kind))):
        return None
    act = {Question.REQUEST: Act.ASK_CONFIRMATION, Question.HANDOFF: Act.OFFER_HANDOFF}
    return _ask_yes_no_again(state, pending, act.get(pending.question, Act.CLARIFY))


def _steers(kind: Kind) -> bool:
    return kind in (Kind.SMALL_TALK, Kind.COMPLAINT, Kind.REPEAT)


def _agreed(kind: Kind | None, text: str) -> bool | None:
    if kind is Kind.AFFIRM:
        return True
    return False if kind is Kind.DENY else says_yes(text)


def _ask_yes_no_again(state: DialogState, pending: Pending, act: Act) -> Move:
    if pending.question is Question.HANDOFF:
        # Offering a human again because the offer was not understood would never end.
        if state.failed_repairs >= 1:
            return hand_off(state, HandoffReason(pending.value))
        tried = replace(state, failed_repairs=state.failed_repairs + 1)
        return Move(
            tried,
            act,
            state.intent,
            repair=RepairKind.ASK_YES_NO_AGAIN,
            handoff=HandoffReason(pending.value),
        )
    return repair(state, RepairKind.ASK_YES_NO_AGAIN, act)


def _agree(state: DialogState, pending: Pending, filled: Mapping[str, str]) -> Move:
    state = replace(state, pending=None)
    if pending.question is Question.HANDOFF:
        return hand_off(state, HandoffReason(pending.value))
    if pending.question is Question.INTENT:
        return _follow(replace(state, failed_repairs=0), pending.value, filled)
    return Move(task_done(state), Act.REGISTER_REQUEST, pending.value)


def _refuse(state: DialogState, pending: Pending) -> Move:
    if pending.question is Question.REQUEST:
        return Move(task_done(state), Act.DROP_REQUEST, pending.value)
    if pending.question is Question.INTENT:
        state = replace(state, pending=None)
        return repair(state, RepairKind.REPHRASE, Act.REPHRASE)
    return ask_task(state)


def _not_understood(state: DialogState, heard: Heard, doubt: FallbackReason) -> Move:
    state = replace(state, trouble=True)
    if doubt is FallbackReason.OUT_OF_SCOPE:
        return Move(state, Act.REFUSE_OUT_OF_SCOPE, state.intent, fallback=doubt)
    guess = POLICIES.get(heard.intent)
    if doubt is FallbackReason.LOW_MARGIN and guess and guess.about:
        asked = replace(state, pending=Pending(Question.INTENT, heard.intent))
        return repair(asked, RepairKind.CLARIFY, Act.CLARIFY, fallback=doubt)
    return repair(state, RepairKind.REPHRASE, Act.REPHRASE, fallback=doubt)


def _follow(state: DialogState, intent: str, filled: Mapping[str, str]) -> Move:
    """Do what the policy of a clearly understood intent says."""
    policy = POLICIES[intent]
    if policy.is_task:
        if intent != state.intent:
            state = replace(state, failed_repairs=0)
        return _begin_task(replace(state, intent=intent, task_open=True, pending=None), intent)
    if policy.kind is Kind.SMALL_TALK and policy.act:
        ending = outcome_at_end(state) if policy.act is Act.SAY_GOODBYE else None
        return Move(state, policy.act, intent, outcome=ending)
    if policy.kind is Kind.COMPLAINT:
        return offer_handoff(replace(state, intent=intent), HandoffReason.COMPLAINT)
    if policy.kind is Kind.REPEAT and state.last_reply:
        return Move(state, Act.REPEAT, state.intent, repair=RepairKind.REPEAT)
    current = POLICIES.get(state.intent or "")
    if policy.kind is Kind.INFORM and current and current.is_task and current.needs in filled:
        return _follow(state, state.intent or "", filled)
    if policy.kind is Kind.DENY and state.tasks_done and not state.task_open:
        return Move(state, Act.SAY_GOODBYE, state.intent, outcome=outcome_at_end(state))
    return ask_task(state)


def _begin_task(state: DialogState, intent: str) -> Move:
    policy = POLICIES[intent]
    if policy.source is Source.ARTICLE:
        return Move(state, intent=intent, lookup=Lookup(Source.ARTICLE, intent))
    slot = policy.needs or ""
    if slot not in state.slots:
        if policy.or_article:
            return Move(state, intent=intent, lookup=Lookup(Source.ARTICLE, intent))
        return ask_slot(state, slot)
    if policy.source is None:
        return ask_confirmation(state, intent, {})
    return Move(state, intent=intent, lookup=Lookup(policy.source, state.slots[slot]))


def conclude(move: Move, answered: Answered) -> Move:
    """The move once the record is known that it waited for."""
    lookup, policy = move.lookup, POLICIES[move.intent or ""]
    if lookup is None:
        return move
    if answered.found is Found.OUTAGE:
        down = replace(move.state, trouble=True)
        return replace(
            move, state=down, act=Act.ADMIT_OUTAGE, degraded=DegradedReason.KNOWLEDGE_BASE
        )
    if answered.found is Found.NOTHING:
        return _nothing_found(move, lookup, policy.needs or "")
    if policy.kind is Kind.REQUEST and lookup.source is not Source.ARTICLE:
        if refusal_of(move.intent or "", answered.record):
            done = task_done(move.state)
            return replace(move, state=done, act=Act.DECLINE_REQUEST, facts=answered.record)
        asking = ask_confirmation(move.state, move.intent or "", answered.record)
        return replace(move, state=asking.state, act=asking.act, facts=asking.facts)
    done = task_done(move.state)
    return replace(move, state=done, act=Act.ANSWER, facts=answered.record)


def _nothing_found(move: Move, lookup: Lookup, slot: str) -> Move:
    if lookup.source is Source.ARTICLE:
        offer = offer_handoff(replace(move.state, trouble=True), HandoffReason.NO_ARTICLE)
        return replace(offer, fallback=FallbackReason.NO_ARTICLE, degraded=move.degraded)
    left = {name: value for name, value in move.state.slots.items() if name != slot}
    state = replace(move.state, slots=left, pending=Pending(Question.SLOT, slot))
    again = repair(state, RepairKind.NOT_FOUND, Act.REPORT_NOT_FOUND, missing=(slot,))
    return replace(again, degraded=move.degraded, facts={slot: lookup.key})


def settle(before: DialogState, move: Move) -> Move:
    """Count replies that bring nothing new; the third offers a human, or brings one if it was an offer."""
    act = move.act
    if act is None:
        raise ValueError("a move is settled after its look-up was concluded")
    if act in _NEVER_A_LOOP or move.outcome:
        return replace(move, state=replace(move.state, streak_of="", streak=0))
    values = ",".join(f"{name}={value}" for name, value in sorted(move.state.slots.items()))
    same = f"{act}|{move.intent}|{values}"
    streak = before.streak + 1 if before.streak_of == same else 1
    if streak < LOOP_LENGTH:
        return replace(move, state=replace(move.state, streak_of=same, streak=streak))
    if act is Act.OFFER_HANDOFF:
        return hand_off(move.state, move.handoff or HandoffReason.LOOP)
    reason = HandoffReason.OUTAGE if act is Act.ADMIT_OUTAGE else HandoffReason.LOOP
    offer = offer_handoff(replace(move.state, streak_of="", streak=0), reason)
    return replace(offer, fallback=move.fallback, degraded=move.degraded)


def outcome_at_end(state: DialogState) -> Outcome:
    """How a session ended that nobody handed off: what was open decides, then what was done."""
    if state.trouble:
        return Outcome.FAILED
    if state.task_open or state.pending or not state.tasks_done:
        return Outcome.ABANDONED
    return Outcome.RESOLVED
