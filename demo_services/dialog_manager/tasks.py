"""Does what the policy table says of an intent that was clearly understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from demo_services.dialog_manager.acts import Act, HandoffReason, Outcome, RepairKind
from demo_services.dialog_manager.intents import POLICIES, TASKS, Kind, Source
from demo_services.dialog_manager.moves import (
    Lookup,
    Move,
    ask_anything_else,
    ask_confirmation,
    ask_slot,
    ask_task,
    offer_handoff,
)
from demo_services.dialog_manager.state import DialogState


def follow(state: DialogState, intent: str, filled: Mapping[str, str]) -> Move:
    """Do what the policy of a clearly understood intent says."""
    policy = POLICIES[intent]
    if policy.kind in TASKS:
        if intent != state.intent:
            state = replace(state, failed_repairs=0)
        return _begin_task(replace(state, intent=intent, task_open=True, pending=None), intent)
    if policy.act is Act.SAY_GOODBYE:
        return say_goodbye(state, intent)
    if policy.act is Act.WELCOME:
        return ask_anything_else(state, Act.WELCOME, intent)
    if policy.act:
        return Move(state, policy.act, intent)
    if policy.kind is Kind.COMPLAINT:
        return offer_handoff(replace(state, intent=intent), HandoffReason.COMPLAINT)
    if policy.kind is Kind.REPEAT and state.last_reply:
        return Move(state, Act.REPEAT, state.intent, repair=RepairKind.REPEAT)
    current = POLICIES.get(state.intent or "")
    if policy.kind is Kind.INFORM and current and current.kind in TASKS and current.needs in filled:
        return follow(state, state.intent or "", filled)
    return ask_task(state)


def say_goodbye(state: DialogState, intent: str | None) -> Move:
    """Close the session as it stands."""
    return Move(state, Act.SAY_GOODBYE, intent, outcome=outcome_at_end(state))


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


def outcome_at_end(state: DialogState) -> Outcome:
    """How a session ended that nobody handed off: what was open decides, then what was done."""
    if state.trouble:
        return Outcome.FAILED
    if state.leaves_open or not state.tasks_done:
        return Outcome.ABANDONED
    return Outcome.RESOLVED
