"""What the shop has written down: one article a topic, a topic called as its intent."""

from __future__ import annotations

from collections.abc import Mapping

from demo_services.knowledge_base.domain import Article

_TEXTS: tuple[tuple[str, str, str], ...] = (
    (
        "delivery_time",
        "How long delivery takes",
        "Standard delivery takes 3 to 5 working days, express delivery 1 working day.",
    ),
    (
        "shipping_cost",
        "What shipping costs",
        "Standard shipping costs 4.90 EUR and is free from 50 EUR; express costs 9.90 EUR.",
    ),
    (
        "return_item",
        "Returns",
        "You can send an item back within 30 days; the return label is free and comes by mail.",
    ),
    (
        "price_match",
        "Price promise",
        "We refund the difference if an item is cheaper elsewhere within 14 days of your order.",
    ),
    (
        "discount_code",
        "Discount codes",
        "A discount code is entered in the basket; one code counts for each order.",
    ),
    (
        "gift_card",
        "Gift cards",
        "Gift cards of 10 to 250 EUR are valid for 36 months and are redeemed in the basket.",
    ),
    (
        "payment_failed",
        "When a payment fails",
        "Your bank releases a failed payment within 2 working days; the order stays open for "
        "24 hours.",
    ),
    (
        "payment_methods",
        "Ways to pay",
        "You can pay by card, by bank transfer, by invoice within 14 days or with a gift card.",
    ),
    (
        "warranty",
        "Warranty",
        "All items have 24 months of warranty; the repair and its shipping are free.",
    ),
    (
        "store_pickup",
        "Picking up in a store",
        "Picking up in a store is free; an order waits there for 7 days.",
    ),
    (
        "opening_hours",
        "Opening hours",
        "Our stores and our service desk are open Monday to Saturday from 9:00 to 19:00.",
    ),
    (
        "reset_password",
        "A new password",
        "You set a new password with the link under the login field; it is valid for 60 minutes.",
    ),
)

ARTICLES: Mapping[str, Article] = {
    topic: Article(topic, title, text) for topic, title, text in _TEXTS
}
"""Articles by topic."""
