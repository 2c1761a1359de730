"""The outside system: the same record for the same key, honest refusals, delays and faults."""

from __future__ import annotations

import time
from datetime import date

import pytest
from starlette.testclient import TestClient

from demo_services.knowledge_base.app import create_app
from demo_services.knowledge_base.articles import ARTICLES
from demo_services.knowledge_base.domain import (
    ORDER_STATES,
    REFUND_STATES,
    find_order,
    find_product,
)
from demo_services.knowledge_base.settings import KnowledgeBaseSettings

pytestmark = pytest.mark.unit

TODAY = date(2026, 3, 5)


def client(**settings: object) -> TestClient:
    known = {"delay_ms": 0, "jitter_ms": 0, "today": TODAY, **settings}
    return TestClient(create_app(KnowledgeBaseSettings(**known)))  # type: ignore[arg-type]


@pytest.mark.parametrize("number", ["1000", "9999", "1001000", "1009999", "01042"])
def test_orders_of_the_old_and_the_new_form_exist(number: str) -> None:
    assert find_order(number, TODAY) is not None


@pytest.mark.parametrize(
    "number", ["999", "10000", "1000999", "1010000", "", "12e3", "١٢٣٤", "9" * 5000]
)
def test_other_numbers_are_no_orders(number: str) -> None:
    assert find_order(number, TODAY) is None


def test_the_same_number_is_the_same_order_on_the_same_day() -> None:
    assert find_order("1042", TODAY) == find_order("01042", TODAY)
    assert find_order("1042", TODAY) != find_order("1043", TODAY)


def test_every_state_occurs_and_is_consistent_with_its_dates() -> None:
    seen = set()
    for number in range(1000, 2000):
        order = find_order(str(number), TODAY)
        assert order is not None
        seen.add(order.state)
        assert order.refund_state in REFUND_STATES
        assert order.ordered_on < TODAY
        assert (order.delivered_on is not None) == (order.state in ("delivered", "returned"))
        assert order.delivered_on is None or order.ordered_on < order.delivered_on <= TODAY
        assert order.expected_on is None or order.expected_on >= TODAY
        assert (order.expected_on is None) == (
            order.state in ("delivered", "cancelled", "returned")
        )
        assert (order.tracking_code is None) == (order.shipped_on is None)
        assert order.cancellable == (order.state == "in_preparation")
        assert (order.refund_eur is not None) == (order.refund_state != "none")
    assert seen == set(ORDER_STATES)


def test_a_product_is_in_stock_or_has_the_day_it_will_be() -> None:
    products = [find_product(f"AUD-{number:06}", TODAY) for number in range(300)]
    assert all(product is not None for product in products)
    assert {product.in_stock > 0 for product in products if product} == {True, False}
    for product in products:
        assert product is not None
        assert (product.in_stock == 0) == (product.restocked_on is not None)


@pytest.mark.parametrize("sku", ["x", "no such thing", "../../etc", "A" * 41])
def test_what_cannot_be_a_stock_keeping_unit_is_no_product(sku: str) -> None:
    assert find_product(sku, TODAY) is None


def test_records_are_json_with_dates_as_iso() -> None:
    body = client().get("/orders/1042").json()
    assert body["number"] == "1042"
    assert date.fromisoformat(body["ordered_on"]) < TODAY


@pytest.mark.parametrize("path", ["/orders/17", "/products/x", "/articles/unheard_of"])
def test_what_is_not_there_is_a_404_with_a_reason(path: str) -> None:
    reply = client().get(path)
    assert (reply.status_code, reply.json()["error"]["reason"]) == (404, "not_found")


def test_every_article_is_served_under_its_topic() -> None:
    shop = client()
    for topic, article in ARTICLES.items():
        assert shop.get(f"/articles/{topic}").json()["text"] == article.text


def test_failing_requests_come_in_the_share_that_was_set_and_the_same_ones_each_time() -> None:
    statuses = [
        [shop.get("/orders/1042").status_code for _ in range(200)]
        for shop in (client(error_rate=0.3), client(error_rate=0.3))
    ]
    assert statuses[0] == statuses[1]
    assert 40 <= statuses[0].count(503) <= 80


def test_an_answer_takes_its_delay() -> None:
    shop = client(delay_ms=40)
    started = time.monotonic()
    shop.get("/orders/1042")
    assert time.monotonic() - started >= 0.04


def test_health_has_no_delay_and_no_faults() -> None:
    assert client(delay_ms=5000, error_rate=1).get("/healthz").json() == {"status": "ok"}


def test_nothing_of_the_stack_is_imported_or_served() -> None:
    assert client().get("/metrics").status_code == 404
