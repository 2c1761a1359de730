"""What the assistant decided to do in a turn, and the moves that several rules share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from demo_services.dialog_manager.acts import (
    Act,
    DegradedReason,
    FallbackReason,
    HandoffReason,
    Outcome,
    RepairKind,
)
from demo_services.dialog_manager.intents import Source
from demo_services.dialog_manager.state import DialogState, Pending, Question

MOST_FAILED_REPAIRS = 2
"""After so many repairs in a row that did not help, a human is offered instead of a third."""


@dataclass(frozen=True)
class Lookup:
    """A record to read from the knowledge base."""

    source: Source
    key: str


@dataclass(frozen=True)
class Move:
    """One decision. While `act` is None the record named by `lookup` decides; see `conclude`."""

    state: DialogState
    act: Act | None = None
    intent: str | None = None
    lookup: Lookup | None = None
    fallback: FallbackReason | None = None
    repair: RepairKind | None = None
    handoff: HandoffReason | None = None
    outcome: Outcome | None = None
    degraded: DegradedReason | None = None
    missing: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def repair(
    state: DialogState,
    kind: RepairKind,
    act: Act,
    *,
    fallback: FallbackReason | None = None,
    missing: tuple[str, ...] = (),
) -> Move:
    """Try to get the talk going again; a human is offered when that has failed too often."""
    if state.failed_repairs >= MOST_FAILED_REPAIRS:
        return replace(offer_handoff(state, HandoffReason.REPAIRS_FAILED), fallback=fallback)
    tried = replace(state, failed_repairs=state.failed_repairs + 1)
    return Move(tried, act, state.intent, repair=kind, fallback=fallback, missing=missing)


def offer_handoff(state: DialogState, reason: HandoffReason) -> Move:
    """Ask whether a human shall take over."""
    asked = replace(state, pending=Pending(Question.HANDOFF, reason.value), failed_repairs=0)
    return Move(asked, Act.OFFER_HANDOFF, state.intent, handoff=reason)


def hand_off(state: DialogState, reason: HandoffReason) -> Move:
    """Give the session to a human; it ends here for the assistant."""
    left = replace(state, pending=None)
    return Move(left, Act.HAND_OFF, state.intent, handoff=reason, outcome=Outcome.HANDED_OFF)


def ask_slot(state: DialogState, slot: str) -> Move:
    """Ask for what is missing."""
    asked = replace(state, pending=Pending(Question.SLOT, slot))
    return Move(asked, Act.ASK_SLOT, state.intent, missing=(slot,))


def ask_confirmation(state: DialogState, intent: str, facts: Mapping[str, Any]) -> Move:
    """Ask before anything is done for the user."""
    asked = replace(state, pending=Pending(Question.REQUEST, intent))
    return Move(asked, Act.ASK_CONFIRMATION, intent, facts=facts)


def ask_task(state: DialogState) -> Move:
    """Ask what the user would like."""
    return ask_anything_else(state, Act.ASK_TASK, state.intent)


def ask_anything_else(state: DialogState, act: Act, intent: str | None) -> Move:
    """An act whose reply ends with the question whether there is anything (else)."""
    return Move(replace(state, pending=Pending(Question.ANYTHING_ELSE, "")), act, intent)


def task_done(state: DialogState) -> DialogState:
    """The state after a task was answered."""
    return replace(
        state,
        pending=None,
        tasks_done=state.tasks_done + 1,
        task_open=False,
        trouble=False,
        failed_repairs=0,
    )
