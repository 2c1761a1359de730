"""Which requests the state of an order rules out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NEEDS_PARCEL = ("damaged_item", "wrong_item", "missing_item")


def refusal_of(intent: str, order: Mapping[str, Any]) -> str | None:
    """Why the request cannot be taken, as a bounded word; None when it can."""
    state = order.get("state")
    if intent in ("cancel_order", "change_order", "change_address"):
        return None if order.get("cancellable") else "too_late"
    if intent == "return_item":
        return None if order.get("returnable_until") else "not_returnable"
    if intent in _NEEDS_PARCEL:
        return None if state in ("delivered", "returned") else "not_delivered"
    if intent == "invoice":
        return "cancelled" if state == "cancelled" else None
    return None
