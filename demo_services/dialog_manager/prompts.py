"""What a model is asked to word, and how. Small models follow examples better than orders."""

from __future__ import annotations

from dataclasses import dataclass

from demo_services.dialog_manager.acts import Act

FACTUAL = frozenset({Act.ANSWER, Act.DECLINE_REQUEST})
"""Acts whose reply states facts."""

SOCIAL = frozenset({Act.GREET, Act.WELCOME, Act.INTRODUCE, Act.SAY_GOODBYE})
"""Acts without facts. All further replies are questions and promises that the rest of the dialog
depends on: no model words them."""


@dataclass(frozen=True)
class Prompt:
    """Chat messages, and the longest wording in tokens."""

    messages: tuple[dict[str, str], ...]
    most_tokens: int


_SHOP = "You are the friendly support of an online shop. "
_FACTS = (
    _SHOP + "Repeat the fact to the customer in one sentence, with every number, date and name.",
    ("Order 5120 was shipped on 3 May 2026 with UPS.",
     "Good news: order 5120 was shipped on 3 May 2026 with UPS."),
    ("Gift wrapping costs 2.50 EUR.", "Happy to help: gift wrapping costs 2.50 EUR."),
)  # fmt: skip
_CLOSING = (
    _SHOP + "After a fact you add one short kind sentence without any fact.",
    ("Order 5120 was shipped on 3 May 2026 with UPS.", "I hope you have a wonderful day!"),
    ("Gift wrapping costs 2.50 EUR.", "I am happy to help if you need anything else."),
)
_COURTESY = (
    _SHOP + "Say the sentence in your own words, in one short sentence.",
    ("Hello! How can I help you?", "Hi there! What can I do for you?"),
    ("You are welcome. Have a nice day.", "My pleasure! Enjoy your day."),
)
_Shots = tuple[str, tuple[str, str], tuple[str, str]]


def reword_facts(plain: str, most_tokens: int) -> Prompt:
    """Say the facts in a friendlier way."""
    return _prompt(_FACTS, plain, most_tokens)


def close_after(plain: str, most_tokens: int) -> Prompt:
    """Add a kind sentence to facts that were said."""
    return _prompt(_CLOSING, plain, most_tokens)


def reword_courtesy(plain: str, most_tokens: int) -> Prompt:
    """Say a greeting or thanks in other words."""
    return _prompt(_COURTESY, plain, most_tokens)


def _prompt(shots: _Shots, plain: str, most_tokens: int) -> Prompt:
    order, *examples = shots
    messages = [{"role": "system", "content": order}]
    for given, said in examples:
        messages.append({"role": "user", "content": given})
        messages.append({"role": "assistant", "content": said})
    messages.append({"role": "user", "content": plain})
    return Prompt(tuple(messages), most_tokens)
