"""What is read from a message."""

from __future__ import annotations

import pytest
from dialog_stage import heard

from demo_services.dialog_manager.slots import Entity, read_slots, says_done, says_yes

pytestmark = pytest.mark.unit


def test_the_entity_that_nlu_is_surest_of_wins() -> None:
    parse = heard(
        "inform", Entity("product", "A-1", "lamp", 0.9), Entity("product", "B-2", "lamps", 0.6)
    )
    assert read_slots(parse, "", None, 0.5) == {"product": "A-1", "product_name": "lamp"}


def test_an_entity_below_the_least_score_is_not_believed() -> None:
    assert read_slots(heard("inform", Entity("product", "A-1", "l", 0.4)), "", None, 0.5) == {}


def test_an_entity_of_a_kind_without_a_slot_is_left_out() -> None:
    assert read_slots(heard("inform", Entity("colour", "blue", "blue")), "", None, 0.5) == {}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1004711", "1004711"),
        ("it is #4711.", "4711"),
        ("order no 1004711, thanks", "1004711"),
        ("I paid 1234.50 euros", None),
        ("on 2026-03-14", None),
        ("call 0049-30-1234567", None),
        ("three of them", None),
    ],
)
def test_a_number_behind_the_question_for_one_is_the_order(text: str, number: str | None) -> None:
    assert read_slots(None, text, "order_number", 0.5).get("order_number") == number


def test_a_number_that_nobody_asked_for_is_no_order() -> None:
    assert read_slots(None, "1004711", None, 0.5) == {}


def test_an_address_behind_the_question_for_one_is_read() -> None:
    assert read_slots(None, "it's kim@example.org", "email", 0.5) == {"email": "kim@example.org"}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("yes", True),
        ("Okay, do it", True),
        ("no thanks", False),
        ("Nope", False),
        ("never mind", False),
        ("not yet decided", None),
        ("yesterday", None),
        ("the blue one", None),
    ],
)
def test_a_plain_yes_or_no_is_told_from_the_rest(text: str, meant: bool | None) -> None:
    assert says_yes(text) is meant


def test_only_words_of_conclusion_conclude() -> None:
    assert says_done("no that's all for today")
    assert not says_done("that is not what I asked")
