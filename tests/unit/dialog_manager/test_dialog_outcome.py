"""When a session has an outcome, and which."""

from __future__ import annotations

import pytest
from dialog_stage import PREPARED, Talk, order

from demo_services.dialog_manager.domain import Found, outcome_at_end
from demo_services.dialog_manager.state import DialogState

pytestmark = pytest.mark.unit


def test_an_answer_alone_ends_nothing(talk: Talk) -> None:
    talk.hear("opening_hours")
    assert talk.last.outcome is None


def test_a_session_that_was_answered_is_resolved_at_its_end(talk: Talk) -> None:
    talk.hear("opening_hours")
    assert outcome_at_end(talk.state) == "resolved"


def test_goodbye_behind_an_answer_resolves_the_session(talk: Talk) -> None:
    talk.hear("opening_hours")
    talk.hear("goodbye")
    assert talk.last.outcome == "resolved"


@pytest.mark.parametrize("text", ["no, that's all", "Thanks, that is all.", "nothing else"])
def test_words_of_conclusion_end_the_session(talk: Talk, text: str) -> None:
    talk.hear("opening_hours")
    talk.hear("thanks", text=text)
    assert (talk.last.act, talk.last.outcome) == ("say_goodbye", "resolved")


def test_a_task_in_the_words_of_conclusion_is_a_task(talk: Talk) -> None:
    text = "that is all I ordered, so where is it"
    assert talk.hear("order_status", text=text) == "ask_slot"


def test_no_behind_anything_else_ends_the_session(talk: Talk) -> None:
    talk.hear("opening_hours")
    talk.hear("thanks")
    talk.hear("deny", text="no")
    assert (talk.last.act, talk.last.outcome) == ("say_goodbye", "resolved")


def test_no_behind_an_answer_does_not_end_the_session(talk: Talk) -> None:
    talk.hear("opening_hours")
    assert talk.hear("deny", text="no, wait") == "ask_task"


def test_goodbye_behind_an_open_question_abandons_the_session(talk: Talk) -> None:
    talk.hear("order_status")
    talk.hear("goodbye")
    assert talk.last.outcome == "abandoned"


def test_a_session_without_a_task_is_abandoned(talk: Talk) -> None:
    talk.hear("greeting")
    assert outcome_at_end(talk.state) == "abandoned"


def test_a_request_that_waits_for_its_yes_is_abandoned() -> None:
    talk = Talk({"orders": PREPARED})
    talk.hear("cancel_order", order())
    assert outcome_at_end(talk.state) == "abandoned"


def test_a_session_that_ends_in_misunderstanding_has_failed(talk: Talk) -> None:
    talk.hear("opening_hours")
    talk.hear("order_status", confidence=0.1)
    assert outcome_at_end(talk.state) == "failed"


def test_a_session_that_ends_in_an_outage_has_failed() -> None:
    talk = Talk({"orders": Found.OUTAGE})
    talk.hear("order_status", order())
    assert outcome_at_end(talk.state) == "failed"


def test_a_later_answer_makes_up_for_a_misunderstanding(talk: Talk) -> None:
    talk.hear("order_status", confidence=0.1)
    talk.hear("opening_hours")
    assert outcome_at_end(talk.state) == "resolved"


def test_the_question_for_anything_else_leaves_nothing_open(talk: Talk) -> None:
    talk.hear("opening_hours")
    talk.hear("thanks")
    assert outcome_at_end(talk.state) == "resolved"


def test_the_state_survives_its_json_form() -> None:
    talk = Talk({"orders": PREPARED})
    talk.hear("cancel_order", order())
    assert DialogState.from_json(talk.state.to_json()) == talk.state


def test_a_state_stored_by_another_version_is_read_as_far_as_it_is_known() -> None:
    assert DialogState.from_json({"tasks_done": 2, "mood": "blue"}) == DialogState(tasks_done=2)


def test_the_end_empties_the_state_of_what_the_user_gave(talk: Talk) -> None:
    talk.hear("order_status", order())
    emptied = str(talk.state.emptied().to_json())
    assert "1004711" not in emptied
    assert outcome_at_end(talk.state.emptied()) == outcome_at_end(talk.state)
