"""What the policy does with a message, in sentences."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from dialog_stage import PREPARED, SHIPPED, Talk, heard, order

from demo_services.dialog_manager.domain import Found
from demo_services.dialog_manager.intents import POLICIES, TASKS, TOPICS
from demo_services.dialog_manager.slots import Entity
from demo_services.knowledge_base.articles import ARTICLES

pytestmark = pytest.mark.unit

CATALOGUE = Path("demo_services/nlu/catalogue.yaml")


def test_every_intent_of_the_catalogue_has_a_policy_and_no_other_has() -> None:
    catalogue = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))
    assert {intent["name"] for intent in catalogue["intents"]} == set(POLICIES)


def test_the_knowledge_base_has_an_article_on_every_topic_that_the_policy_needs() -> None:
    assert set(TOPICS) == set(ARTICLES)


def test_every_task_says_what_it_is_about_for_questions() -> None:
    assert all(policy.about for policy in POLICIES.values() if policy.kind in TASKS)


@pytest.mark.parametrize(
    ("intent", "act"),
    [
        ("greeting", "greet"),
        ("thanks", "welcome"),
        ("goodbye", "say_goodbye"),
        ("capabilities", "introduce"),
        ("speak_to_agent", "hand_off"),
        ("complaint", "offer_handoff"),
        ("affirm", "ask_task"),
        ("deny", "ask_task"),
        ("inform", "ask_task"),
        ("repeat_last", "ask_task"),
        ("order_status", "ask_slot"),
        ("cancel_order", "ask_slot"),
        ("product_facts", "ask_slot"),
        ("delete_account", "ask_slot"),
        ("opening_hours", "answer"),
        ("delivery_time", "answer"),
        ("return_item", "answer"),
    ],
)
def test_the_first_message_of_a_session_is_met_with(talk: Talk, intent: str, act: str) -> None:
    assert talk.hear(intent) == act


def test_a_task_with_its_slot_is_answered_from_the_record(talk: Talk) -> None:
    assert talk.hear("order_status", order()) == "answer"
    assert talk.last.facts == SHIPPED
    assert talk.state.tasks_done == 1
    assert not talk.state.leaves_open


def test_a_general_article_answers_where_the_order_is_not_named(talk: Talk) -> None:
    talk.hear("delivery_time")
    assert talk.last.lookup is not None
    assert (talk.last.lookup.source, talk.last.lookup.key) == ("articles", "delivery_time")


def test_an_order_named_before_is_used_for_the_next_task(talk: Talk) -> None:
    talk.hear("order_status", order())
    assert talk.hear("track_parcel") == "answer"


def test_a_product_is_called_as_the_user_called_it(talk: Talk) -> None:
    talk.hear("product_facts", Entity("product", "HOM-000001", "desk lamp"))
    assert talk.state.last_reply.startswith("Desk lamp: 19.90 EUR")


def test_a_request_that_the_order_allows_is_confirmed_first_and_then_registered() -> None:
    talk = Talk({"orders": PREPARED})
    assert talk.hear("cancel_order", order()) == "ask_confirmation"
    assert talk.state.leaves_open
    assert talk.hear("affirm", text="yes") == "register_request"
    assert talk.last.intent == "cancel_order"
    assert not talk.state.leaves_open


def test_a_request_that_the_order_rules_out_is_declined_at_once(talk: Talk) -> None:
    assert talk.hear("cancel_order", order()) == "decline_request"


def test_a_request_that_is_not_confirmed_is_dropped() -> None:
    talk = Talk({"orders": PREPARED})
    talk.hear("cancel_order", order())
    assert talk.hear("deny", text="no") == "drop_request"


def test_a_request_about_the_account_needs_no_record(talk: Talk) -> None:
    talk.hear("delete_account")
    email = Entity("email", "kim@example.org", "kim@example.org")
    assert talk.hear("inform", email) == "ask_confirmation"
    assert talk.last.lookup is None


def test_a_detail_given_later_continues_the_task(talk: Talk) -> None:
    talk.hear("delivery_time")
    assert talk.hear("inform", order()) == "answer"
    assert talk.last.facts == SHIPPED


def test_the_last_answer_is_repeated_on_request(talk: Talk) -> None:
    talk.hear("shipping_cost")
    assert talk.hear("repeat_last") == "repeat"
    assert talk.last.repair == "repeat"
    assert "4.90 EUR" in talk.state.last_reply


@pytest.mark.parametrize(
    ("parse", "act", "reason"),
    [
        (heard("order_status", out_of_scope=True), "refuse_out_of_scope", "out_of_scope"),
        (heard("sing_a_song"), "rephrase", "unknown_intent"),
        (heard("order_status", confidence=0.2), "rephrase", "low_confidence"),
        (heard("order_status", margin=0.01), "clarify", "low_margin"),
        (heard("greeting", margin=0.01), "rephrase", "low_margin"),
    ],
)
def test_what_is_not_understood_is_a_fallback(
    talk: Talk, parse: object, act: str, reason: str
) -> None:
    move = talk.say("a message", parse)  # type: ignore[arg-type]
    assert (move.act, move.fallback) == (act, reason)


def test_a_guess_that_is_confirmed_is_followed(talk: Talk) -> None:
    talk.hear("opening_hours", margin=0.01)
    assert talk.hear("affirm", text="yes") == "answer"
    assert talk.last.intent == "opening_hours"


def test_a_guess_that_is_denied_is_asked_for_in_other_words(talk: Talk) -> None:
    talk.hear("opening_hours", margin=0.01)
    assert talk.hear("deny", text="no") == "rephrase"


def test_without_the_knowledge_base_the_assistant_says_so() -> None:
    talk = Talk({"orders": Found.OUTAGE})
    assert talk.hear("order_status", order()) == "admit_outage"
    assert talk.last.degraded == "knowledge_base_unavailable"
    assert "cannot look that up" in talk.state.last_reply


def test_without_nlu_the_assistant_says_so(talk: Talk) -> None:
    move = talk.say("where is my order", None)
    assert (move.act, move.degraded) == ("admit_outage", "nlu_unavailable")


def test_without_nlu_a_plain_yes_is_still_understood() -> None:
    talk = Talk({"orders": PREPARED})
    talk.hear("cancel_order", order())
    move = talk.say("yes please", None)
    assert (move.act, move.degraded) == ("register_request", "nlu_unavailable")


def test_an_article_that_is_missing_is_a_fallback_with_an_offer() -> None:
    talk = Talk({"articles": Found.NOTHING})
    assert talk.hear("opening_hours") == "offer_handoff"
    assert talk.last.fallback == "no_article"


def test_an_order_that_does_not_exist_is_asked_for_again() -> None:
    talk = Talk({"orders": Found.NOTHING})
    assert talk.hear("order_status", order("1")) == "report_not_found"
    assert talk.last.repair == "not_found"
    assert talk.last.missing == ("order_number",)
    assert "order_number" not in talk.state.slots
