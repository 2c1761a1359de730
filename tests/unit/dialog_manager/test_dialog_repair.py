"""How the assistant gets out of misunderstandings and circles, and hands over in time."""

from __future__ import annotations

import pytest
from dialog_stage import PREPARED, Talk, order

from demo_services.dialog_manager.domain import Found

pytestmark = pytest.mark.unit


def test_a_missing_slot_is_asked_for_again_twice_and_then_a_human_is_offered(talk: Talk) -> None:
    acts = [talk.hear("order_status"), *(talk.hear("inform") for _ in range(3))]
    assert acts == ["ask_slot", "ask_slot_again", "ask_slot_again", "offer_handoff"]
    assert talk.last.handoff == "repairs_failed"


def test_the_first_question_is_no_repair_but_the_second_is(talk: Talk) -> None:
    talk.hear("order_status")
    assert talk.last.repair is None
    talk.hear("inform")
    assert talk.last.repair == "ask_slot_again"


def test_two_rephrasings_that_fail_bring_the_offer_of_a_human(talk: Talk) -> None:
    acts = [talk.hear("order_status", confidence=0.1) for _ in range(3)]
    assert acts == ["rephrase", "rephrase", "offer_handoff"]
    assert talk.last.fallback == "low_confidence"


def test_an_answer_starts_the_count_anew(talk: Talk) -> None:
    talk.hear("order_status")
    talk.hear("inform")
    talk.hear("inform", order())
    acts = [talk.hear("order_status", confidence=0.1) for _ in range(3)]
    assert acts == ["rephrase", "rephrase", "offer_handoff"]


def test_another_task_starts_the_count_anew(talk: Talk) -> None:
    talk.hear("order_status")
    talk.hear("inform")
    talk.hear("delete_account")
    acts = [talk.hear("inform") for _ in range(3)]
    assert acts == ["ask_slot_again", "ask_slot_again", "offer_handoff"]


def test_the_offer_is_taken_with_a_yes(talk: Talk) -> None:
    talk.hear("complaint")
    assert talk.hear("affirm", text="yes please") == "hand_off"
    assert talk.last.outcome == "handed_off"
    assert talk.last.handoff == "complaint"


def test_the_offer_is_declined_with_a_no(talk: Talk) -> None:
    talk.hear("complaint")
    assert talk.hear("deny", text="no") == "ask_task"


def test_an_offer_that_is_not_answered_twice_brings_the_human(talk: Talk) -> None:
    talk.hear("complaint")
    assert talk.hear("inform", text="the blue one") == "offer_handoff"
    assert talk.hear("inform", text="the blue one") == "hand_off"


def test_the_same_request_three_times_is_a_loop(talk: Talk) -> None:
    acts = [talk.hear("refund_status", order()) for _ in range(3)]
    assert acts == ["answer", "answer", "offer_handoff"]
    assert talk.last.handoff == "loop"


def test_the_same_request_for_another_order_is_progress(talk: Talk) -> None:
    acts = [talk.hear("refund_status", order(str(number))) for number in (1001, 1002, 1003)]
    assert acts == ["answer"] * 3


def test_another_date_is_no_progress_where_no_date_is_needed(talk: Talk) -> None:
    for _ in range(2):
        assert talk.hear("order_status", out_of_scope=True) == "refuse_out_of_scope"
    assert talk.hear("order_status", out_of_scope=True) == "offer_handoff"
    assert talk.last.fallback == "out_of_scope"


def test_an_outage_that_lasts_brings_the_offer_of_a_human() -> None:
    talk = Talk({"orders": Found.OUTAGE})
    acts = [talk.hear("order_status", order()) for _ in range(3)]
    assert acts == ["admit_outage", "admit_outage", "offer_handoff"]
    assert talk.last.handoff == "outage"
    assert talk.last.degraded == "knowledge_base_unavailable"


def test_thanks_may_come_as_often_as_they_like(talk: Talk) -> None:
    assert [talk.hear("thanks") for _ in range(4)] == ["welcome"] * 4


def test_a_bare_number_answers_the_question_whatever_intent_it_resembles(talk: Talk) -> None:
    talk.hear("track_parcel")
    assert talk.hear("invoice", order(), text="1004711") == "answer"
    assert talk.last.intent == "track_parcel"


def test_a_whole_sentence_with_the_number_may_change_the_task() -> None:
    talk = Talk({"orders": PREPARED})
    talk.hear("track_parcel")
    text = "no please just cancel order 1004711 for me"
    assert talk.hear("cancel_order", order(), text=text) == "ask_confirmation"


def test_a_number_is_read_from_the_text_when_nlu_is_down(talk: Talk) -> None:
    talk.hear("order_status")
    move = talk.say("it is 1004711.", None)
    assert (move.act, move.degraded) == ("answer", "nlu_unavailable")


def test_another_task_leaves_the_question_behind(talk: Talk) -> None:
    talk.hear("order_status")
    assert talk.hear("opening_hours") == "answer"
    assert talk.state.pending is None


def test_small_talk_keeps_the_question_open(talk: Talk) -> None:
    talk.hear("order_status")
    talk.hear("greeting")
    assert talk.hear("inform", order()) == "answer"


def test_a_confirmation_that_is_not_understood_is_asked_for_again() -> None:
    talk = Talk({"orders": PREPARED})
    talk.hear("cancel_order", order())
    assert talk.hear("inform", text="the blue one") == "ask_confirmation"
    assert talk.last.repair == "ask_yes_no_again"
    assert talk.hear("affirm", text="yes") == "register_request"


def test_a_human_is_brought_at_once_when_asked_for_even_behind_a_question(talk: Talk) -> None:
    talk.hear("order_status")
    assert talk.hear("speak_to_agent") == "hand_off"
    assert talk.last.handoff == "requested"
