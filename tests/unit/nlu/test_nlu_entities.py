"""Dates, order numbers, addresses and products in what people write."""

from __future__ import annotations

from datetime import date

import pytest

from demo_services.nlu.domain.dates import find_dates
from demo_services.nlu.domain.numbers import find_emails, find_order_numbers
from demo_services.nlu.domain.phrases import (
    MOST_PHRASES,
    ProductHit,
    pick_product,
    product_phrases,
    replace_synonyms,
    with_synonyms,
    words_of,
)
from demo_services.nlu.domain.results import without_overlaps

pytestmark = pytest.mark.unit

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it came yesterday", "2026-11-19"),
        ("the day before yesterday", "2026-11-18"),
        ("the day after tomorrow please", "2026-11-22"),
        ("two weeks ago", "2026-11-06"),
        ("a couple of days ago", "2026-11-18"),
        ("in 3 days", "2026-11-23"),
        ("last week", "2026-11-13"),
        ("on Monday", "2026-11-16"),
        ("on Friday", "2026-11-13"),
        ("by Friday", "2026-11-27"),
        ("next Tuesday", "2026-11-24"),
        ("on 2026-03-14", "2026-03-14"),
        ("on 14.03.2026", "2026-03-14"),
        ("on 14/3/26", "2026-03-14"),
        ("on 03/25/2026", "2026-03-25"),
        ("am 14.3. bestellt", "2026-03-14"),
        ("on 12 March", "2026-03-12"),
        ("March 12th, 2025", "2025-03-12"),
        ("the third of May", "2026-05-03"),
        ("on Dec 24", "2026-12-24"),
        ("on 29 February", "2024-02-29"),
    ],
)
def test_a_date_is_resolved_against_today(text: str, expected: str) -> None:
    today = date(2025, 1, 10) if "29 February" in text else FRIDAY
    assert [found.entity.value for found in without_overlaps(find_dates(text, today))] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "31.02.2026",
        "2026-13-40",
        "may I ask something",
        "version 1.2.3",
        "in 999 years",
        "marching",
    ],
)
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    if text == "in 999 years":
        assert find_dates("in 999 years", date(9999, 1, 1)) == []
    else:
        assert find_dates(text, FRIDAY) == []


@pytest.mark.parametrize(
    ("text", "number", "score"),
    [
        ("where is order 1004711", "1004711", 1.0),
        ("my order number is 4711", "4711", 1.0),
        ("#8123 please", "8123", 1.0),
        ("order no. 100023?", "100023", 1.0),
        ("4711", "4711", 0.95),
        ("hello, 1004711 has not arrived", "1004711", 0.8),
        ("has 4711 arrived", "4711", 0.6),
        ("I bought it in 2025", "2025", 0.3),
    ],
)
def test_an_order_number_is_surer_the_more_the_text_says_so(
    text: str, number: str, score: float
) -> None:
    (found,) = find_order_numbers(text)
    assert (found.entity.value, found.entity.score) == (number, score)


@pytest.mark.parametrize(
    "text",
    [
        "it cost 1200 euros",
        "€ 1200 is a lot",
        "a 2000 watt kettle",
        "call 0049 30 123456789012",
        "card 4111111111111111",
        "on 2026-03-14",
        "page 12.5000",
        "write to jo1234@example.org",
        "order 123",
    ],
)
def test_other_numbers_are_no_order_numbers(text: str) -> None:
    assert [f for f in find_order_numbers(text) if f.entity.score >= 0.9] == []


def test_an_address_is_put_in_lower_case_without_the_full_stop_behind_it() -> None:
    (found,) = find_emails("write to Jo.Lane@Example.ORG.")
    assert (found.entity.value, found.entity.text) == ("jo.lane@example.org", "Jo.Lane@Example.ORG")


def test_where_two_readings_share_a_piece_of_text_the_surer_one_stays() -> None:
    text = "order 2026 from 2026-03-14"
    found = without_overlaps([*find_order_numbers(text), *find_dates(text, FRIDAY)])
    assert [item.entity.value for item in found] == ["2026", "2026-03-14"]


def _phrases(text: str) -> list[str]:
    return [phrase.text for phrase in product_phrases(words_of(text), text)]


def test_everyday_words_part_the_phrases_that_may_name_a_product() -> None:
    assert _phrases("Where is the espresso machine, I ordered it") == [
        "espresso machine",
        "machine",
    ]


def test_a_message_of_everyday_words_is_looked_up_all_the_same() -> None:
    assert _phrases("Where is my order?") == ["where is my order"]


def test_a_message_without_words_has_no_phrase() -> None:
    assert _phrases("?!") == []


def test_a_long_message_is_looked_up_with_a_bounded_number_of_phrases() -> None:
    assert len(_phrases(" ".join(f"noun{place}" for place in range(300)))) <= MOST_PHRASES


def test_a_synonym_of_two_words_is_replaced_as_one() -> None:
    text = "my fridge and coffee machine"
    replaced = replace_synonyms(
        words_of(text), text, {"fridge": "refrigerator", "coffee machine": "espresso machine"}
    )
    assert [word.text for word in replaced] == ["my", "refrigerator", "and", "espresso machine"]


def test_a_word_is_looked_up_as_it_was_said_and_as_its_synonym() -> None:
    text = "the floor lamp"
    phrases = with_synonyms(words_of(text), text, {"lamp": "desk lamp"})
    assert {"floor lamp", "floor desk lamp", "desk lamp"} <= {phrase.text for phrase in phrases}


def _pick(text: str, *hits: ProductHit) -> str | None:
    found = pick_product(product_phrases(words_of(text), text), hits, text, 0.55)
    return found.entity.value if found else None


def test_the_product_that_explains_more_words_is_picked() -> None:
    assert (
        _pick(
            "the velmora headphones",
            ProductHit("headphones", "AUD-000003", "Headphones", 1.0),
            ProductHit("velmora headphones", "AUD-005830", "Velmora Headphones A498", 0.79),
        )
        == "AUD-005830"
    )


def test_a_product_below_the_least_score_is_not_picked() -> None:
    assert _pick("a velvet", ProductHit("velvet", "X-1", "Velvet Sofa", 0.5)) is None


def test_a_word_that_is_not_the_noun_of_the_name_does_not_name_the_product() -> None:
    assert _pick("closed for lunch", ProductHit("lunch", "KIT-1", "Lunch Box", 0.6)) is None


def test_a_name_with_a_typing_error_is_picked() -> None:
    hit = ProductHit("hedphones", "AUD-000003", "Headphones", 0.7)
    assert _pick("my hedphones", hit) == "AUD-000003"
