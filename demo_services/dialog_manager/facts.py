"""Sentences that state facts: one for each intent, with nothing in it but its record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

Record = Mapping[str, Any]

_STATE_WORDS = {
    "in_preparation": "is being prepared",
    "shipped": "was shipped",
    "out_for_delivery": "is out for delivery",
    "delivered": "was delivered",
    "cancelled": "was cancelled",
    "returned": "was returned",
}


def say_date(iso: object) -> str:
    """2026-11-24 as 24 November 2026."""
    day = date.fromisoformat(str(iso))
    return f"{day.day} {day:%B %Y}"


def _status(order: Record) -> str:
    number, state, carrier = order["number"], order["state"], order["carrier"]
    if state == "in_preparation":
        expected = say_date(order["expected_on"])
        return f"Order {number} is being prepared and should arrive by {expected}."
    if state == "shipped":
        return (
            f"Order {number} was shipped on {say_date(order['shipped_on'])} with {carrier} "
            f"and should arrive by {say_date(order['expected_on'])}."
        )
    if state == "out_for_delivery":
        return f"Order {number} is out for delivery with {carrier} and should arrive today."
    if state == "delivered":
        return f"Order {number} was delivered on {say_date(order['delivered_on'])} by {carrier}."
    return f"Order {number} {_state_of(order)}."


def _tracking(order: Record) -> str:
    if not order.get("tracking_code"):
        return f"Order {order['number']} has no tracking code: it {_state_of(order)}."
    return (
        f"Order {order['number']} travels with {order['carrier']}, "
        f"tracking code {order['tracking_code']}; it {_state_of(order)}."
    )


def _state_of(order: Record) -> str:
    state = str(order["state"])
    return _STATE_WORDS.get(state, f"has the state {state}")


def _arrival(order: Record) -> str:
    if order.get("delivered_on"):
        return f"Order {order['number']} was delivered on {say_date(order['delivered_on'])}."
    if order.get("expected_on"):
        return f"Order {order['number']} should arrive by {say_date(order['expected_on'])}."
    return f"Order {order['number']} was cancelled and will not be delivered."


def _refund(order: Record) -> str:
    if order.get("refund_state") == "paid":
        return f"The refund of {order['refund_eur']} EUR for order {order['number']} was paid."
    if order.get("refund_state") == "in_progress":
        return (
            f"The refund of {order['refund_eur']} EUR for order {order['number']} is in progress."
        )
    return f"There is no refund for order {order['number']}: it {_state_of(order)}."


def _named(product: Record) -> str:
    """As the head of a list: a sentence would need to know whether the name is a plural."""
    name = str(product["name"])
    return name[:1].upper() + name[1:]


def _product(product: Record) -> str:
    return (
        f"{_named(product)}: {product['price_eur']} EUR, delivery in {product['delivery_days']} "
        f"working days, {product['warranty_months']} months of warranty."
    )


def _stock(product: Record) -> str:
    if product["in_stock"]:
        return f"{_named(product)}: in stock, {product['in_stock']} pieces."
    return f"{_named(product)}: sold out, expected back on {say_date(product['restocked_on'])}."


_SENTENCES: Mapping[str, Callable[[Record], str]] = {
    "order_status": _status,
    "track_parcel": _tracking,
    "delivery_time": _arrival,
    "refund_status": _refund,
    "product_facts": _product,
    "product_availability": _stock,
}


def state_facts(intent: str, record: Record) -> str:
    """The answer to `intent`; an article speaks for itself. KeyError: the record lacks a field."""
    if "text" in record:
        return str(record["text"])
    return _SENTENCES[intent](record)


_REQUESTED = {
    "cancel_order": "cancel order {order}",
    "change_order": "have the items of order {order} changed",
    "change_address": "have the delivery address of order {order} changed",
    "return_item": "register a return for order {order}",
    "damaged_item": "report a damaged item in order {order}",
    "wrong_item": "report a wrong item in order {order}",
    "missing_item": "report a missing item in order {order}",
    "invoice": "send the invoice of order {order} to the address of your account",
    "change_account_email": "change the e-mail address of your account to {email}",
    "delete_account": "delete the account of {email}",
    "subscribe_newsletter": "change the newsletter subscription of {email}",
}

_REFUSED = {
    "cancel_order": "Order {order} {state} and can no longer be cancelled.",
    "change_order": "Order {order} {state} and can no longer be changed.",
    "change_address": "Order {order} {state}, so its address can no longer be changed.",
    "return_item": "Order {order} {state} and cannot be returned now.",
    "damaged_item": "Order {order} {state}; damage can be reported once it is delivered.",
    "wrong_item": "Order {order} {state}; a wrong item can be reported once it is delivered.",
    "missing_item": "Order {order} {state}; missing items can be reported once it is delivered.",
    "invoice": "Order {order} is cancelled and has no invoice.",
}


def describe_request(intent: str, slots: Mapping[str, str]) -> str:
    """What would be done, as the end of "Shall I ...?"."""
    return _REQUESTED[intent].format(
        order=slots.get("order_number", ""), email=slots.get("email", "")
    )


def state_refusal(intent: str, order: Record) -> str:
    """Why a request cannot be taken."""
    return _REFUSED[intent].format(order=order["number"], state=_state_of(order))
