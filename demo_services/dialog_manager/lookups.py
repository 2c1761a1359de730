"""What becomes of a turn once the knowledge base has answered."""

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
    RepairKind,
)
from demo_services.dialog_manager.intents import POLICIES, PRODUCT_NAME, Kind, Source
from demo_services.dialog_manager.moves import (
    Lookup,
    Move,
    ask_confirmation,
    offer_handoff,
    repair,
    task_done,
)
from demo_services.dialog_manager.requests import refusal_of
from demo_services.dialog_manager.state import Pending, Question


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
    facts = dict(answered.record)
    if lookup.source is Source.PRODUCT:
        facts["name"] = move.state.slots.get(PRODUCT_NAME, lookup.key)
    return replace(move, state=done, act=Act.ANSWER, facts=facts)


def _nothing_found(move: Move, lookup: Lookup, slot: str) -> Move:
    if lookup.source is Source.ARTICLE:
        offer = offer_handoff(replace(move.state, trouble=True), HandoffReason.NO_ARTICLE)
        return replace(offer, fallback=FallbackReason.NO_ARTICLE, degraded=move.degraded)
    left = {name: value for name, value in move.state.slots.items() if name != slot}
    state = replace(move.state, slots=left, pending=Pending(Question.SLOT, slot))
    again = repair(state, RepairKind.NOT_FOUND, Act.REPORT_NOT_FOUND, missing=(slot,))
    called = move.state.slots.get(PRODUCT_NAME) if lookup.source is Source.PRODUCT else None
    return replace(again, degraded=move.degraded, facts={slot: called or lookup.key})
