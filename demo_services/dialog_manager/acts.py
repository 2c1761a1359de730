"""The bounded sets of words that describe a turn; each is a label or an attribute somewhere."""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    """What the assistant does with one reply."""

    GREET = "greet"
    WELCOME = "welcome"
    SAY_GOODBYE = "say_goodbye"
    INTRODUCE = "introduce"
    ANSWER = "answer"
    REPEAT = "repeat"
    ASK_TASK = "ask_task"
    ASK_SLOT = "ask_slot"
    ASK_SLOT_AGAIN = "ask_slot_again"
    REPORT_NOT_FOUND = "report_not_found"
    ASK_CONFIRMATION = "ask_confirmation"
    REGISTER_REQUEST = "register_request"
    DECLINE_REQUEST = "decline_request"
    DROP_REQUEST = "drop_request"
    REPHRASE = "rephrase"
    CLARIFY = "clarify"
    REFUSE_OUT_OF_SCOPE = "refuse_out_of_scope"
    OFFER_HANDOFF = "offer_handoff"
    HAND_OFF = "hand_off"
    ADMIT_OUTAGE = "admit_outage"


class Outcome(StrEnum):
    """How a session ended."""

    RESOLVED = "resolved"
    HANDED_OFF = "handed_off"
    ABANDONED = "abandoned"
    FAILED = "failed"


class FallbackReason(StrEnum):
    """Why a message was not understood well enough to act on it."""

    OUT_OF_SCOPE = "out_of_scope"
    LOW_CONFIDENCE = "low_confidence"
    LOW_MARGIN = "low_margin"
    UNKNOWN_INTENT = "unknown_intent"
    NO_ARTICLE = "no_article"


class RepairKind(StrEnum):
    """How the assistant tries to get a stuck conversation going again."""

    REPHRASE = "rephrase"
    CLARIFY = "clarify"
    ASK_SLOT_AGAIN = "ask_slot_again"
    ASK_YES_NO_AGAIN = "ask_yes_no_again"
    NOT_FOUND = "not_found"
    REPEAT = "repeat"


class HandoffReason(StrEnum):
    """Why a human takes over, or was offered."""

    REQUESTED = "requested"
    COMPLAINT = "complaint"
    REPAIRS_FAILED = "repairs_failed"
    LOOP = "loop"
    OUTAGE = "outage"
    NO_ARTICLE = "no_article"


class DegradedReason(StrEnum):
    """Which neighbour was missing."""

    NLU = "nlu_unavailable"
    KNOWLEDGE_BASE = "knowledge_base_unavailable"
    MODEL = "model_unavailable"
