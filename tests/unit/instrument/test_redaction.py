"""What must be replaced, and what must survive."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnscope.instrument.redaction import redact

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "secret", "kind"),
    [
        ("write to jo.doe+x@mail.example.org please", "jo.doe+x@mail.example.org", "email"),
        ("card 4111 1111 1111 1111 thanks", "4111 1111 1111 1111", "card"),
        ("card 5555-5555-5555-4444", "5555-5555-5555-4444", "card"),
        ("iban DE89 3704 0044 0532 0130 00.", "DE89 3704 0044 0532 0130 00", "iban"),
        ("iban GB82WEST12345698765432", "GB82WEST12345698765432", "iban"),
        ("call +49 170 1234567", "+49 170 1234567", "phone"),
        ("call (030) 901820-11 now", "901820", "phone"),
        ("call 555-123-4567", "555-123-4567", "phone"),
        ("header Bearer abcdef1234567890", "abcdef1234567890", "key"),
        ("my key sk-proj1234567890abcdef", "sk-proj1234567890abcdef", "key"),
        ("password: hunter22", "hunter22", "key"),
    ],
)
def test_personal_data_and_keys_are_replaced(text: str, secret: str, kind: str) -> None:
    cleaned = redact(text)

    assert secret not in cleaned
    assert f"[{kind}]" in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "where is my order 1042?",
        "order 100423 from 2026-11-22 cost 1,299.00",
        "trace 0af7651916cd43dd8448eb211c80319c span b7ad6b7169203331",
        "session 123e4567-e89b-12d3-a456-426614174000",
        "session 12345678-1234-1234-1234-123456789012",
        "started at 2026-11-22T06:30:02.123456Z in 133.25 ms",
        "I paid 20 to 25 euros for 2 items",
    ],
)
def test_numbers_that_name_no_person_survive(text: str) -> None:
    assert redact(text) == text


@given(st.uuids())
def test_every_uuid_survives(identifier: uuid.UUID) -> None:
    assert redact(f"session {identifier} ended") == f"session {identifier} ended"


@given(st.text(max_size=300))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(text)

    assert redact(once) == once
