"""Plain replies, and what of a model's wording is let through."""

from __future__ import annotations

from datetime import date

import pytest
from dialog_stage import PREPARED, PRODUCT, SHIPPED, Talk, order

from demo_services.dialog_manager.acts import Act, HandoffReason
from demo_services.dialog_manager.domain import Found
from demo_services.dialog_manager.facts import state_facts, state_refusal
from demo_services.dialog_manager.intents import POLICIES, Kind, Source
from demo_services.dialog_manager.moves import Move
from demo_services.dialog_manager.prompts import FACTUAL, SOCIAL, kind_sentence, reword
from demo_services.dialog_manager.replies import plain_reply
from demo_services.dialog_manager.requests import refusal_of
from demo_services.dialog_manager.slots import Entity
from demo_services.dialog_manager.state import DialogState
from demo_services.dialog_manager.wording import check_courtesy, check_facts, first_sentence
from demo_services.knowledge_base.app import plain
from demo_services.knowledge_base.domain import find_order

pytestmark = pytest.mark.unit

FACT = "Order 1004711 was shipped on 3 March 2026 with DHL and should arrive by 6 March 2026."


@pytest.mark.parametrize(
    "worded",
    [
        FACT,
        "Good news: order 1004711 was shipped on 3 March 2026 with DHL and should arrive by "
        "6 March 2026.",
        "Order 1004711 was shipped with DHL on 3 March 2026, and it should arrive by 6 March 2026!",
    ],
)
def test_a_wording_that_keeps_the_facts_is_said(worded: str) -> None:
    assert check_facts(FACT, worded) is None


@pytest.mark.parametrize(
    ("worded", "reason"),
    [
        ("", "empty"),
        (FACT * 10, "too_long"),
        (FACT.replace("6 March", "7 March"), "missing_figure"),
        (FACT + " Call 0800 for more.", "invented_figure"),
        (FACT.replace("DHL", "a courier"), "missing_name"),
        (FACT.replace("was shipped", "left us"), "missing_state"),
        (FACT.replace("should arrive", "will not arrive"), "negation"),
        ("Order 1004711: shipped 3 March 2026, DHL, 6 March 2026.", "missing_words"),
        (FACT.replace("should arrive", "should arrive damaged"), "foreign_words"),
        (FACT + " I am sorry for your loss.", "foreign_words"),
    ],
)
def test_a_wording_that_changes_the_facts_is_not_said(worded: str, reason: str) -> None:
    assert check_facts(FACT, worded) == reason


def test_a_negation_may_not_get_lost() -> None:
    fact = "There is no refund for order 1004711: it was delivered."
    assert check_facts(fact, "The refund for order 1004711: there it was delivered.") == "negation"


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("I hope you have a wonderful day!", None),
        ("It was my pleasure to help you.", None),
        ("", "empty"),
        ("We give you 10 percent.", "invented_figure"),
        ("I cannot help you with that.", "negation"),
        ("I am sorry for your loss.", "foreign_words"),
        ("Enjoy your free delivery!", "foreign_words"),
    ],
)
def test_a_kind_sentence_may_state_nothing(sentence: str, reason: str | None) -> None:
    assert check_courtesy(sentence) == reason


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("I am glad. And more", "I am glad."),
        ("I am glad.", ""),
        ("I am gl", ""),
        (" Great!! Thanks", "Great!!"),
        ("no end\nI am glad. ", ""),
    ],
)
def test_a_sentence_is_let_through_when_it_is_complete(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence


def test_the_examples_of_the_prompts_pass_their_own_guard() -> None:
    for _, given, said in _examples(reword("x", 50).messages):
        assert check_facts(given, said) is None
    for act in FACTUAL | SOCIAL:
        for _, _, said in _examples(kind_sentence(act, "x").messages):
            assert check_courtesy(said) is None


def _examples(messages: tuple[dict[str, str], ...]) -> list[tuple[str, str, str]]:
    texts = [message["content"] for message in messages]
    return [(texts[0], texts[place], texts[place + 1]) for place in (1, 3)]


def test_every_order_of_the_shop_is_described_for_every_intent_that_reads_one() -> None:
    intents = [name for name, policy in POLICIES.items() if policy.source is Source.ORDER]
    for number in range(1000, 1200):
        record = plain(find_order(str(number), date(2026, 3, 5)))
        for intent in intents:
            if POLICIES[intent].kind is Kind.LOOKUP:
                sentence = state_facts(intent, record)
            elif refusal_of(intent, record):
                sentence = state_refusal(intent, record)
            else:
                continue
            assert str(number) in sentence
            assert check_facts(sentence, sentence) is None
            assert "None" not in sentence
            assert "{" not in sentence


@pytest.mark.parametrize("act", [act for act in Act if act not in FACTUAL])
def test_every_act_has_a_plain_reply(act: Act) -> None:
    talk = Talk({"orders": PREPARED})
    talk.hear("cancel_order", order())
    move = Move(
        talk.state,
        act,
        "cancel_order",
        handoff=HandoffReason.LOOP,
        missing=("order_number",),
        facts={"order_number": "1"},
    )
    assert plain_reply(move).endswith((".", "?"))


def test_a_product_that_is_sold_out_comes_with_its_date() -> None:
    record = {**PRODUCT, "in_stock": 0, "restocked_on": "2026-04-01", "name": "tents"}
    sentence = state_facts("product_availability", record)
    assert sentence == "Tents: sold out, expected back on 1 April 2026."


def test_a_product_that_is_not_found_is_named_as_the_user_named_it() -> None:
    talk = Talk({"products": Found.NOTHING})
    talk.hear("product_facts", Entity("product", "X-1", "magic lamp"))
    assert "magic lamp" in talk.state.last_reply


def test_dates_are_said_in_words() -> None:
    assert "3 March 2026" in state_facts("order_status", SHIPPED)


def test_a_move_without_an_act_has_no_reply_of_its_own() -> None:
    assert plain_reply(Move(DialogState())) == "What would you like to know?"
