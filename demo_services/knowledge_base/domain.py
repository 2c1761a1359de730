"""The shop's records, derived from their keys: the same key always gives the same record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2s

ORDER_NUMBERS = (range(1_000, 10_000), range(1_001_000, 1_010_000))
"""Orders of these numbers exist: the old form and the one of today, 1000000 higher."""

ORDER_STATES = (
    "in_preparation",
    "shipped",
    "out_for_delivery",
    "delivered",
    "cancelled",
    "returned",
)
CARRIERS = ("DHL", "UPS", "DPD", "Hermes")
REFUND_STATES = ("none", "in_progress", "paid")

# Out of 20 orders: what a shop with a week of transport and a month of returns would see.
_STATE_OF = (
    "in_preparation", "in_preparation", "in_preparation", "in_preparation",
    "shipped", "shipped", "shipped", "shipped", "shipped",
    "out_for_delivery", "out_for_delivery",
    "delivered", "delivered", "delivered", "delivered", "delivered", "delivered",
    "cancelled", "returned", "returned",
)  # fmt: skip


@dataclass(frozen=True)
class Order:
    """One order; dates are days, `total_eur` has two decimals, None where it does not apply yet."""

    number: str
    state: str
    carrier: str
    tracking_code: str | None
    ordered_on: date
    shipped_on: date | None
    expected_on: date | None
    delivered_on: date | None
    total_eur: str
    refund_state: str
    refund_eur: str | None
    cancellable: bool
    returnable_until: date | None


@dataclass(frozen=True)
class Product:
    """What the shop says of one article; `price_eur` has two decimals."""

    sku: str
    price_eur: str
    in_stock: int
    restocked_on: date | None
    delivery_days: int
    warranty_months: int


def _mixed(key: str) -> int:
    """A number that neighbours in `key` do not share; hash() differs between processes."""
    return int.from_bytes(blake2s(key.encode(), digest_size=6).digest())


def find_order(number: str, today: date) -> Order | None:
    """The order of that number as it stands on `today`; None when there is none."""
    if not number.isascii() or not number.isdecimal() or len(number) > 7:
        return None
    if not any(int(number) in numbers for numbers in ORDER_NUMBERS):
        return None
    mixed = _mixed(f"order {int(number)}")
    state = _STATE_OF[mixed % len(_STATE_OF)]
    age = {"in_preparation": 1, "shipped": 3, "out_for_delivery": 4}.get(state, 6 + mixed // 20 % 9)
    ordered_on = today - timedelta(days=age)
    shipped = state not in ("in_preparation", "cancelled")
    arrived = state in ("delivered", "returned")
    delivered_on = ordered_on + timedelta(days=4) if arrived else None
    total = f"{15 + mixed // 200 % 240}.{mixed // 50_000 % 100:02d}"
    refund = _refund_of(state, mixed)
    return Order(
        number=str(int(number)),
        state=state,
        carrier=CARRIERS[mixed // 7 % len(CARRIERS)],
        tracking_code=f"TR{mixed % 10**9:09d}" if shipped else None,
        ordered_on=ordered_on,
        shipped_on=ordered_on + timedelta(days=2) if shipped else None,
        expected_on=_expected(state, today, mixed),
        delivered_on=delivered_on,
        total_eur=total,
        refund_state=refund,
        refund_eur=None if refund == "none" else total,
        cancellable=state == "in_preparation",
        returnable_until=delivered_on + timedelta(days=30)
        if state == "delivered" and delivered_on
        else None,
    )


def _expected(state: str, today: date, mixed: int) -> date | None:
    days = {"in_preparation": 4, "shipped": 1 + mixed // 3 % 3, "out_for_delivery": 0}.get(state)
    return None if days is None else today + timedelta(days=days)


def _refund_of(state: str, mixed: int) -> str:
    if state not in ("cancelled", "returned"):
        return "none"
    return "paid" if mixed // 11 % 2 else "in_progress"


def find_product(sku: str, today: date) -> Product | None:
    """The product of that stock keeping unit; None for a key that cannot be one."""
    key = sku.strip().upper()
    if not 3 <= len(key) <= 40 or not key.replace("-", "").replace("_", "").isalnum():
        return None
    mixed = _mixed(f"product {key}")
    in_stock = 0 if mixed % 6 == 0 else 1 + mixed // 6 % 60
    return Product(
        sku=key,
        price_eur=f"{9 + mixed // 400 % 490}.{(mixed // 9 % 2) * 40 + 50:02d}",
        in_stock=in_stock,
        restocked_on=today + timedelta(days=5 + mixed // 17 % 20) if in_stock == 0 else None,
        delivery_days=2 + mixed // 31 % 3,
        warranty_months=(24, 24, 36)[mixed // 37 % 3],
    )


@dataclass(frozen=True)
class Article:
    """One rule of the shop in one or two sentences."""

    topic: str
    title: str
    text: str


def find_article(topic: str, articles: Mapping[str, Article]) -> Article | None:
    """The article on that topic; None when nobody wrote one."""
    return articles.get(topic.strip().lower())
