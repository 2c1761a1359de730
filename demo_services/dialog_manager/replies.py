"""The plain reply to every act: what is said when no model words it."""

from __future__ import annotations

from collections.abc import Mapping

from demo_services.dialog_manager.acts import Act, DegradedReason, HandoffReason
from demo_services.dialog_manager.facts import describe_request, state_facts, state_refusal
from demo_services.dialog_manager.intents import EMAIL, ORDER_NUMBER, POLICIES, PRODUCT
from demo_services.dialog_manager.moves import Move

_FIXED: Mapping[Act, str] = {
    Act.GREET: "Hello! I can help with orders, deliveries, returns and our products.",
    Act.WELCOME: "You are welcome. Is there anything else?",
    Act.SAY_GOODBYE: "Goodbye, and thank you for visiting our shop.",
    Act.INTRODUCE: (
        "I am the shop's automatic assistant. I look up orders, parcels, refunds and products, "
        "take requests such as a cancellation or a return, and can bring in a colleague."
    ),
    Act.ASK_TASK: "What would you like to know?",
    Act.REPHRASE: "I did not understand that. Could you say it in other words?",
    Act.REFUSE_OUT_OF_SCOPE: (
        "I can only help with our shop: orders, deliveries, returns, payments and products."
    ),
    Act.HAND_OFF: "I am handing you over to a colleague, who will read this conversation first.",
}

_QUESTIONS = {
    ORDER_NUMBER: "Which order is it? Please give me the order number.",
    PRODUCT: "Which product is it? Please give me its name.",
    EMAIL: "Which e-mail address is it?",
}
_QUESTIONS_AGAIN = {
    ORDER_NUMBER: (
        "I still need the order number to look this up: the digits in your confirmation mail, "
        "for example 1004711."
    ),
    PRODUCT: "I found no product in that. Please give me its name as the shop shows it.",
    EMAIL: "I still need an e-mail address, for example name@example.com.",
}
_CALLED = {ORDER_NUMBER: "an order with the number", PRODUCT: "a product called"}

_SHALL_I = "Shall I connect you with a colleague?"
_OFFERS = {
    HandoffReason.COMPLAINT: f"I am sorry that this went wrong. {_SHALL_I}",
    HandoffReason.OUTAGE: f"I still cannot look that up. {_SHALL_I}",
    HandoffReason.NO_ARTICLE: f"I have nothing written on that. {_SHALL_I}",
}
_OFFER = f"It seems we are not getting anywhere. {_SHALL_I}"

_OUTAGES = {
    DegradedReason.NLU: "I cannot read messages properly right now. Please try again in a moment.",
    DegradedReason.KNOWLEDGE_BASE: "I cannot look that up right now. Please try again in a moment.",
}


def plain_reply(move: Move) -> str:
    """The template reply to a settled move."""
    act, intent = move.act or Act.ASK_TASK, move.intent or ""
    slot = move.missing[0] if move.missing else ""
    if act is Act.ANSWER:
        return state_facts(intent, move.facts)
    if act is Act.REPEAT:
        return f"Once more: {move.state.last_reply}"
    if act is Act.ASK_SLOT:
        return _QUESTIONS[slot]
    if act is Act.ASK_SLOT_AGAIN:
        return _QUESTIONS_AGAIN[slot]
    if act is Act.REPORT_NOT_FOUND:
        return f"I cannot find {_CALLED[slot]} {move.facts[slot]}. Could you check it?"
    if act is Act.CLARIFY:
        return f"Is it about {_guess(move)}? Please answer yes or no."
    if act is Act.ADMIT_OUTAGE:
        return _OUTAGES[move.degraded or DegradedReason.KNOWLEDGE_BASE]
    if act is Act.OFFER_HANDOFF:
        return _OFFERS.get(move.handoff or HandoffReason.LOOP, _OFFER)
    return _FIXED[act] if act in _FIXED else _reply_to_request(act, intent, move)


def _guess(move: Move) -> str:
    pending = move.state.pending
    return POLICIES[pending.value].about if pending else "something else"


def _reply_to_request(act: Act, intent: str, move: Move) -> str:
    if act is Act.DECLINE_REQUEST:
        return state_refusal(intent, move.facts)
    wish = describe_request(intent, move.state.slots)
    if act is Act.ASK_CONFIRMATION:
        return f"Shall I {wish}?"
    if act is Act.REGISTER_REQUEST:
        return f"I have noted your request to {wish}. You will get a mail as soon as it is done."
    return f"Then I will not {wish}. Is there anything else?"
