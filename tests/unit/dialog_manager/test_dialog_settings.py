"""Settings that cannot work are refused with a sentence."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from demo_services.dialog_manager.settings import DialogSettings

pytestmark = pytest.mark.unit


def test_the_waits_for_neighbours_have_to_fit_into_a_turn() -> None:
    with pytest.raises(ValidationError, match=r"12 s together.*DIALOG_TURN_TIMEOUT_S"):
        DialogSettings(turn_timeout_s=5, model_timeout_s=10, kb_timeout_s=2)


def test_the_database_address_does_not_show_in_the_settings() -> None:
    settings = DialogSettings(database_url="postgresql+psycopg://user:secret@host/db")
    assert "secret" not in repr(settings)


def test_every_setting_is_described() -> None:
    assert all(field.description for field in DialogSettings.model_fields.values())
