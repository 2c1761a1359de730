"""The NLU over HTTP: what it answers, what it refuses, and how it lives without its database."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from tests.unit.nlu.nlu_stage import CATALOGUE, Shelves, Stage, raised_stage

pytestmark = pytest.mark.unit


def test_a_message_is_answered_with_intent_entities_and_version(stage: Stage) -> None:
    answer = stage.client.post("/parse", json={"text": "where is my order 1004711"}).json()
    assert answer["intent"] == "order_status"
    assert answer["confidence"] > answer["margin"] > 0
    assert answer["runner_up"] in CATALOGUE.intents
    assert answer["out_of_scope"] is False
    assert answer["degraded"] is False
    assert answer["model_version"] == "words+catalogue-7"
    assert answer["entities"] == [
        {"type": "order_number", "value": "1004711", "text": "1004711", "score": 1.0}
    ]


def test_a_message_about_something_else_is_out_of_scope(stage: Stage) -> None:
    answer = stage.client.post("/parse", json={"text": "a joke about the weather"}).json()
    assert answer["out_of_scope"] is True
    assert stage.metric("nlu_out_of_scope_total") == 1


def test_a_product_is_found_by_its_synonym(stage: Stage) -> None:
    answer = stage.client.post("/parse", json={"text": "where are my earbuds"}).json()
    assert [(e["type"], e["value"], e["text"]) for e in answer["entities"]] == [
        ("product", "AUD-000003", "earbuds")
    ]


@pytest.mark.parametrize("text", ["hello", "1004711", "?!", "where is my order"])
def test_every_parse_makes_both_look_ups(stage: Stage, text: str) -> None:
    assert stage.client.post("/parse", json={"text": text}).status_code == 200
    assert stage.shelves.asked == ["synonyms", "products"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": " \n\t "}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"text": 7}, "text"),
        ({}, "text"),
        ({"text": "hello", "mood": "good"}, "mood"),
    ],
)
def test_a_wrong_body_is_refused_in_one_sentence(
    stage: Stage, body: dict[str, object], field: str
) -> None:
    response = stage.client.post("/parse", json=body)
    assert response.status_code == 422
    error = response.json()["error"]
    assert error["reason"] == "invalid_request"
    assert error["message"].startswith(f"{field}: ")
    assert error["message"].count(".") == 1


def test_the_longest_message_is_taken(stage: Stage) -> None:
    text = ("order " * 400)[:2000]
    assert stage.client.post("/parse", json={"text": text}).status_code == 200


def test_without_the_database_only_the_product_is_missing() -> None:
    with raised_stage(shelves=Shelves(failing=True)) as stage:
        response = stage.client.post("/parse", json={"text": "refund for headphones, order #1234"})
        answer = response.json()
        assert response.status_code == 200
        assert answer["degraded"] is True
        assert answer["intent"] == "refund_status"
        assert [entity["type"] for entity in answer["entities"]] == ["order_number"]
        assert stage.metric("nlu_degraded_parses_total", reason="database_down") == 1
        assert stage.attributes_of("nlu.entities")["nlu.degraded"] is True


def test_a_failed_look_up_is_logged_with_the_error_flag() -> None:
    with raised_stage(shelves=Shelves(failing=True)) as stage:
        stage.client.post("/parse", json={"text": "hello"})
        (record,) = [r for r in stage.telemetry.log_records() if r.get("error_flag")]
        assert record["reason"] == "database_down"
        assert record["trace_id"] != "0" * 32


def test_a_slow_database_is_not_waited_for_beyond_the_limit() -> None:
    with raised_stage(shelves=Shelves(slow_s=30)) as stage:
        answer = stage.client.post("/parse", json={"text": "hello"}).json()
        assert answer["degraded"] is True
        assert stage.metric("nlu_degraded_parses_total", reason="timeout") == 1


def test_after_three_failures_the_database_is_left_alone_for_a_while() -> None:
    with raised_stage(shelves=Shelves(failing=True)) as stage:
        for _ in range(5):
            assert stage.client.post("/parse", json={"text": "hello"}).json()["degraded"] is True
        assert stage.metric("nlu_degraded_parses_total", reason="database_down") == 3
        assert stage.metric("nlu_degraded_parses_total", reason="circuit_open") == 2


def test_before_the_catalogue_is_there_it_says_what_it_waits_for() -> None:
    with raised_stage(None, ready=False) as stage:
        for response in (
            stage.client.get("/healthz"),
            stage.client.post("/parse", json={"text": "hello"}),
        ):
            assert response.status_code == 503
            assert response.json()["error"]["reason"] == "not_ready"


def test_it_tries_again_until_database_and_catalogue_are_there() -> None:
    lost = OperationalError("SELECT 1", {}, ConnectionRefusedError("no server"))
    with raised_stage(lost, None, CATALOGUE) as stage:
        assert stage.client.get("/healthz").json()["status"] == "ok"
        waits = [
            r["body"] for r in stage.telemetry.log_records() if "waiting for" in str(r["body"])
        ]
        assert len(waits) == 2


def test_spans_tell_of_the_decision_and_never_of_the_words(stage: Stage) -> None:
    stage.client.post("/parse", json={"text": "hello from zanzibar@example.org"})
    assert stage.attributes_of("nlu.classify")["nlu.intent"] == "greeting"
    assert stage.attributes_of("nlu.entities")["nlu.entity_types"] == ("email",)
    assert stage.attributes_of("nlu.embed").keys() <= {"conversation.exemplar"}
    for span in stage.telemetry.spans():
        assert "zanzibar" not in str(span.attributes)


def test_the_stages_of_a_parse_lie_under_its_server_span(stage: Stage) -> None:
    stage.client.post("/parse", json={"text": "hello"})
    spans = {span.name: span for span in stage.telemetry.spans()}
    server = spans["POST /parse"].get_span_context()
    for name in ("nlu.embed", "nlu.classify", "nlu.entities"):
        parent = spans[name].parent
        assert parent is not None
        assert parent.span_id == server.span_id


def test_parses_are_counted_by_intent_with_confidence_and_margin(stage: Stage) -> None:
    stage.client.post("/parse", json={"text": "hello"})
    assert stage.metric("nlu_parses_total", intent="greeting") == 1
    assert stage.metric("nlu_confidence_count") == 1
    assert stage.metric("nlu_margin_count") == 1
    for name in ("embed", "classify", "affect", "entities"):
        assert stage.metric("nlu_stage_duration_seconds_count", stage=name) == 1
