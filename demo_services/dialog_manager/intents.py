"""What each intent of the catalogue is answered with: the policy as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from demo_services.dialog_manager.acts import Act

ORDER_NUMBER, PRODUCT, DATE, EMAIL = "order_number", "product", "date", "email"
PRODUCT_NAME = "product_name"
"""Filled with `product`, which is a key: what the user calls it."""
SLOTS = (ORDER_NUMBER, PRODUCT, DATE, EMAIL)


class Kind(StrEnum):
    """How an intent is worked on."""

    SMALL_TALK = "small_talk"
    LOOKUP = "lookup"
    REQUEST = "request"
    COMPLAINT = "complaint"
    AGENT = "agent"
    AFFIRM = "affirm"
    DENY = "deny"
    INFORM = "inform"
    REPEAT = "repeat"


TASKS = (Kind.LOOKUP, Kind.REQUEST)
"""The user wants something done, in contrast to words that steer the talk."""


class Source(StrEnum):
    """Which record of the knowledge base holds the facts."""

    ORDER = "orders"
    PRODUCT = "products"
    ARTICLE = "articles"


@dataclass(frozen=True)
class Policy:
    """How one intent is answered.

    `needs` is the slot without which the record cannot be read. With `or_article` the intent's
    general article answers when that slot is missing; without it the slot is asked for.
    `about` names the task in questions such as "Is it about ...?".
    """

    kind: Kind
    source: Source | None = None
    needs: str | None = None
    or_article: bool = False
    about: str = ""
    act: Act | None = None


def _order(about: str, *, or_article: bool = False) -> Policy:
    return Policy(Kind.LOOKUP, Source.ORDER, ORDER_NUMBER, or_article, about)


def _request(about: str, *, or_article: bool = False) -> Policy:
    return Policy(Kind.REQUEST, Source.ORDER, ORDER_NUMBER, or_article, about)


def _account(about: str) -> Policy:
    return Policy(Kind.REQUEST, None, EMAIL, about=about)


def _article(about: str) -> Policy:
    return Policy(Kind.LOOKUP, Source.ARTICLE, about=about)


def _product(about: str) -> Policy:
    return Policy(Kind.LOOKUP, Source.PRODUCT, PRODUCT, about=about)


def _talk(act: Act) -> Policy:
    return Policy(Kind.SMALL_TALK, act=act)


POLICIES: Mapping[str, Policy] = {
    "order_status": _order("the state of an order"),
    "track_parcel": _order("tracking a parcel"),
    "delivery_time": _order("when an order arrives", or_article=True),
    "refund_status": _order("a refund"),
    "cancel_order": _request("cancelling an order"),
    "change_order": _request("changing an order"),
    "change_address": _request("changing the delivery address"),
    "return_item": _request("returning an item", or_article=True),
    "damaged_item": _request("a damaged item"),
    "wrong_item": _request("a wrong item"),
    "missing_item": _request("a missing item"),
    "invoice": _request("an invoice"),
    "change_account_email": _account("the e-mail address of your account"),
    "delete_account": _account("deleting your account"),
    "subscribe_newsletter": _account("the newsletter"),
    "product_facts": _product("details of a product"),
    "product_availability": _product("whether a product is in stock"),
    "shipping_cost": _article("shipping cost"),
    "price_match": _article("our price promise"),
    "discount_code": _article("discount codes"),
    "gift_card": _article("gift cards"),
    "payment_failed": _article("a payment that failed"),
    "payment_methods": _article("ways to pay"),
    "warranty": _article("the warranty"),
    "store_pickup": _article("picking up in a store"),
    "opening_hours": _article("opening hours"),
    "reset_password": _article("your password"),
    "complaint": Policy(Kind.COMPLAINT, about="a complaint"),
    "speak_to_agent": Policy(Kind.AGENT, about="talking to a colleague"),
    "greeting": _talk(Act.GREET),
    "goodbye": _talk(Act.SAY_GOODBYE),
    "thanks": _talk(Act.WELCOME),
    "capabilities": _talk(Act.INTRODUCE),
    "affirm": Policy(Kind.AFFIRM),
    "deny": Policy(Kind.DENY),
    "inform": Policy(Kind.INFORM),
    "repeat_last": Policy(Kind.REPEAT),
}

TOPICS = tuple(
    name
    for name, policy in POLICIES.items()
    if policy.or_article or policy.source is Source.ARTICLE
)
"""Topics that the knowledge base must have an article on; a topic is called as its intent is."""
