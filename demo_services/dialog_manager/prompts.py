"""What a model is asked to word, and how. Small models follow examples better than orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from demo_services.dialog_manager.acts import Act

FACTUAL = frozenset({Act.ANSWER, Act.DECLINE_REQUEST})
"""Acts whose reply states facts."""

SOCIAL = frozenset({Act.GREET, Act.WELCOME, Act.INTRODUCE, Act.SAY_GOODBYE})
"""Acts without facts. All further replies are questions and promises that the rest of the dialog
depends on: no model words them."""

# A kind sentence is short; what a model writes beyond it would only be thrown away.
_SENTENCE_TOKENS = 24


@dataclass(frozen=True)
class Prompt:
    """Chat messages, and the longest wording in tokens; a wording also ends with its line."""

    messages: tuple[dict[str, str], ...]
    most_tokens: int
    stop: tuple[str, ...] = ("\n",)


Examples = Sequence[tuple[str, str]]

_SHOP = "You are the friendly support of an online shop."
_REWORD = f"{_SHOP} Repeat the fact to the customer in one sentence, with every number and name."
_FACTS: Examples = (
    (
        "Order 5120 was shipped on 3 May 2026 with UPS.",
        "Good news: order 5120 was shipped on 3 May 2026 with UPS.",
    ),
    ("Gift wrapping costs 2.50 EUR.", "Happy to help: gift wrapping costs 2.50 EUR."),
)
_ADD = f"{_SHOP} After a line to the customer you add one short kind sentence without any fact."
_AFTER_FACTS: Examples = (
    ("Order 5120 was shipped on 3 May 2026 with UPS.", "I hope you have a wonderful day!"),
    ("Gift wrapping costs 2.50 EUR.", "I am happy to help if you need anything else."),
)
_AFTER: Mapping[Act, Examples] = {
    Act.GREET: (
        ("Hello! I can help with your order.", "It is a pleasure to have you here."),
        ("Good morning! Ask me about our products.", "I am glad to help you today."),
    ),
    Act.WELCOME: (
        ("You are welcome.", "It was my pleasure to help you."),
        ("No problem, any time.", "I am always happy to help."),
    ),
    Act.SAY_GOODBYE: (
        ("Goodbye!", "I hope to see you again soon."),
        ("Bye, and thank you.", "I wish you a wonderful day!"),
    ),
}


def reword(plain: str, most_tokens: int) -> Prompt:
    """Say facts in a friendlier way."""
    return _prompt(_REWORD, _FACTS, plain, most_tokens)


def kind_sentence(act: Act, plain: str) -> Prompt:
    """Add a sentence to what was said plainly."""
    return _prompt(_ADD, _AFTER.get(act, _AFTER_FACTS), plain, _SENTENCE_TOKENS)


def _prompt(order: str, examples: Examples, plain: str, most_tokens: int) -> Prompt:
    messages = [{"role": "system", "content": order}]
    for given, said in examples:
        messages.append({"role": "user", "content": given})
        messages.append({"role": "assistant", "content": said})
    messages.append({"role": "user", "content": plain})
    return Prompt(tuple(messages), most_tokens)
