"""The bounded words of the dialog are those that the contract lists as labels."""

from __future__ import annotations

from enum import StrEnum

import pytest

from demo_services.dialog_manager.acts import (
    Act,
    FallbackReason,
    HandoffReason,
    Outcome,
    RepairKind,
)
from demo_services.dialog_manager.wording import Rejected
from turnscope.contract import read_contract

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("metric", "label", "words"),
    [
        ("dialog_acts_total", "act", Act),
        ("conversation_fallbacks_total", "reason", FallbackReason),
        ("conversation_repairs_total", "kind", RepairKind),
        ("conversation_handoffs_total", "reason", HandoffReason),
        ("conversation_sessions_ended_total", "outcome", Outcome),
        ("dialog_wording_rejected_total", "reason", Rejected),
    ],
)
def test_the_labels_of(metric: str, label: str, words: type[StrEnum]) -> None:
    declared = read_contract().metrics[metric].labels[label].values
    assert set(declared) == {word.value for word in words}
