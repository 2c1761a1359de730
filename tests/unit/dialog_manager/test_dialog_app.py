"""The dialog manager over HTTP: turns, replays, streams, outages and what it says of itself."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from dialog_stage import Stage, read_events

from demo_services.dialog_manager.acts import Act
from demo_services.dialog_manager.bodies import TurnBody
from demo_services.dialog_manager.domain import Found, Limits
from demo_services.dialog_manager.instruments import DialogInstruments
from demo_services.dialog_manager.ports import Claim
from demo_services.dialog_manager.speaker import Speaker
from demo_services.dialog_manager.state import DialogState
from demo_services.dialog_manager.turns import Turns

pytestmark = pytest.mark.unit

ORDER = [("order_number", "1004711")]
ANSWER_FIELDS = {
    "reply", "act", "intent", "outcome", "fallback", "repair", "handoff", "degraded",
    "degraded_reason", "model_name", "tokens_in", "tokens_out", "cost_usd", "missing_slots",
}  # fmt: skip


def test_an_answer_has_all_fields_of_the_interface(stage: Stage) -> None:
    answer = stage.ask("order_status", entities=ORDER)
    assert answer.keys() == ANSWER_FIELDS
    assert answer["reply"].startswith("Good news: Order 1004711 was shipped on 3 March 2026")
    assert (answer["act"], answer["intent"]) == ("answer", "order_status")
    assert (answer["model_name"], answer["tokens_in"], answer["tokens_out"]) == ("parrot", 20, 5)
    assert answer["cost_usd"] == 0.001
    assert answer["degraded"] is False


def test_a_question_is_asked_in_the_plain_form_without_a_model(stage: Stage) -> None:
    answer = stage.ask("order_status")
    assert answer["reply"] == "Which order is it? Please give me the order number."
    assert answer["missing_slots"] == ["order_number"]
    assert answer["model_name"] is None
    assert stage.model.asked == []


def test_what_was_not_understood_names_no_intent(stage: Stage) -> None:
    answer = stage.ask("sing_a_song")
    assert (answer["fallback"], answer["repair"], answer["intent"]) == (True, True, None)
    assert stage.metric("conversation_fallbacks_total", reason="unknown_intent") == 1
    assert stage.metric("conversation_repairs_total", kind="rephrase") == 1


def test_a_wording_that_changes_facts_is_replaced_by_the_plain_reply(stage: Stage) -> None:
    stage.model.text = "Your order arrives on 1 April!"
    answer = stage.ask("order_status", entities=ORDER)
    assert answer["reply"].startswith("Order 1004711 was shipped")
    assert answer["degraded"] is False
    assert answer["model_name"] == "parrot"
    assert stage.metric("dialog_wording_rejected_total", reason="missing_figure") == 1


def test_a_courtesy_is_said_plainly_with_a_kind_sentence_of_the_model(stage: Stage) -> None:
    reply = stage.ask("thanks")["reply"]
    assert reply == ("You are welcome. Is there anything else? I hope you have a wonderful day!")


def test_without_the_model_the_plain_reply_is_said_and_marked(stage: Stage) -> None:
    stage.model.down = True
    answer = stage.ask("order_status", entities=ORDER)
    assert answer["reply"].startswith("Order 1004711 was shipped")
    assert (answer["degraded"], answer["degraded_reason"]) == (True, "model_unavailable")
    assert answer["model_name"] is None


def test_without_the_knowledge_base_the_answer_is_honest_and_marked(stage: Stage) -> None:
    stage.shop.records["orders"] = Found.OUTAGE
    answer = stage.ask("order_status", entities=ORDER)
    assert "cannot look that up right now" in answer["reply"]
    assert (answer["degraded"], answer["degraded_reason"]) == (True, "knowledge_base_unavailable")


def test_without_a_parse_the_answer_is_honest_and_marked(stage: Stage) -> None:
    answer = stage.ask(None)
    assert (answer["act"], answer["degraded_reason"]) == ("admit_outage", "nlu_unavailable")


def test_without_the_database_every_route_answers_503_in_one_sentence(stage: Stage) -> None:
    turn_id = stage.open(new=True)
    stage.store.down = True
    body = stage.body(turn_id, "greeting", "hello")
    opening = {"session_id": stage.session_id, "turn_id": turn_id, "new_session": False}
    for reply in (
        stage.client.post("/turns/open", json=opening),
        stage.client.post("/turns", json=body),
        stage.client.post("/turns/stream", json=body),
        stage.client.post(f"/sessions/{stage.session_id}/end", json={}),
        stage.client.get(f"/sessions/{stage.session_id}"),
        stage.client.get("/healthz"),
    ):
        assert reply.status_code == 503
        error = reply.json()["error"]
        assert error["reason"] == "database_down"
        assert error["message"].count(".") == 1


def test_a_turn_that_was_answered_is_answered_the_same_again(stage: Stage) -> None:
    turn_id = stage.open(new=True)
    body = stage.body(turn_id, "opening_hours", "when are you open")
    first = stage.client.post("/turns", json=body).json()
    assert stage.client.post("/turns", json=body).json() == first
    assert read_events(stage.client.post("/turns/stream", json=body).text) == ([], first)
    opening = {"session_id": stage.session_id, "turn_id": turn_id, "new_session": False}
    assert stage.client.post("/turns/open", json=opening).json() == {
        "turn_index": 1,
        "answer": first,
    }
    assert stage.metric("dialog_acts_total", act="answer") == 1


def test_turns_are_numbered_from_one(stage: Stage) -> None:
    stage.ask("greeting")
    turn_id = str(uuid.uuid4())
    body = {"session_id": stage.session_id, "turn_id": turn_id, "new_session": False}
    assert stage.client.post("/turns/open", json=body).json() == {"turn_index": 2, "answer": None}


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("/turns/open", 404, "unknown_session"),
        ("/turns", 404, "unknown_session"),
    ],
)
def test_an_unknown_session_is_refused(stage: Stage, path: str, status: int, reason: str) -> None:
    body = {**stage.body(str(uuid.uuid4()), "greeting", "hello"), "new_session": False}
    reply = stage.client.post(path, json=body)
    assert (reply.status_code, reply.json()["error"]["reason"]) == (status, reason)


def test_a_turn_that_was_not_opened_is_refused(stage: Stage) -> None:
    stage.open(new=True)
    reply = stage.client.post("/turns", json=stage.body(str(uuid.uuid4()), "greeting", "hello"))
    assert (reply.status_code, reply.json()["error"]["reason"]) == (404, "unknown_turn")


def test_a_session_that_has_ended_takes_no_turns(stage: Stage) -> None:
    stage.ask("speak_to_agent")
    opening = {
        "session_id": stage.session_id,
        "turn_id": str(uuid.uuid4()),
        "new_session": False,
    }
    reply = stage.client.post("/turns/open", json=opening)
    assert (reply.status_code, reply.json()["error"]["reason"]) == (409, "session_ended")


def test_a_turn_that_another_runs_is_refused(stage: Stage) -> None:
    turn_id = stage.open(new=True)
    stage.store.claimed[stage.session_id] = turn_id
    reply = stage.client.post("/turns", json=stage.body(turn_id, "greeting", "hello"))
    assert (reply.status_code, reply.json()["error"]["reason"]) == (409, "turn_in_progress")


def test_a_claim_is_given_back_when_the_answer_cannot_be_stored(stage: Stage) -> None:
    turn_id = stage.open(new=True)
    stage.store.lose_claims = True
    reply = stage.client.post("/turns", json=stage.body(turn_id, "greeting", "hello"))
    assert reply.status_code == 409
    assert stage.store.released == [turn_id]
    assert stage.metric("dialog_acts_total", act="greet") == 0


def test_a_turn_that_was_stored_gives_nothing_back(stage: Stage) -> None:
    stage.ask("greeting")
    stage.stream("opening_hours")
    assert stage.store.released == []


def test_an_error_nobody_foresaw_is_a_500_without_its_text_and_gives_the_claim_back(
    stage: Stage,
) -> None:
    turn_id = stage.open(new=True)
    stage.shop.records = {}
    body = stage.body(turn_id, "opening_hours", "when are you open")
    reply = stage.client.post("/turns", json=body)
    assert (reply.status_code, reply.json()["error"]["reason"]) == (500, "internal_error")
    assert "KeyError" not in reply.text
    assert stage.store.released == [turn_id]


def test_ids_that_are_none_are_refused_with_one_sentence(stage: Stage) -> None:
    body = {"session_id": "me", "turn_id": "1", "new_session": True}
    reply = stage.client.post("/turns/open", json=body)
    assert (reply.status_code, reply.json()["error"]["reason"]) == (422, "invalid_request")


def test_streamed_facts_come_first_and_plainly(stage: Stage) -> None:
    tokens, answer = stage.stream("order_status", entities=ORDER)
    assert tokens[0].startswith("Order 1004711 was shipped on 3 March 2026")
    assert tokens[1:] == [" I hope you have a wonderful day!"]
    assert answer["reply"] == "".join(tokens)
    assert answer["tokens_out"] == 5


def test_a_streamed_sentence_that_states_something_is_held_back(stage: Stage) -> None:
    stage.model.kind = "It was delivered yesterday. I am glad. "
    tokens, answer = stage.stream("order_status", entities=ORDER)
    assert len(tokens) == 1
    assert answer["reply"] == tokens[0]
    assert stage.metric("dialog_wording_rejected_total", reason="foreign_words") == 1


def test_a_stream_outlives_a_model_that_breaks_off(stage: Stage) -> None:
    stage.model.breaks_off = True
    tokens, answer = stage.stream("order_status", entities=ORDER)
    assert len(tokens) == 1
    assert (answer["reply"], answer["degraded_reason"]) == (tokens[0], "model_unavailable")


def test_a_streamed_answer_that_cannot_be_stored_is_no_answer(stage: Stage) -> None:
    stage.store.lose_claims = True
    tokens, answer = stage.stream("greeting")
    assert tokens
    assert answer is None
    assert len(stage.store.released) == 1


def test_a_listener_who_leaves_stops_the_model_at_once(stage: Stage) -> None:
    stage.model.kind = "I am glad. I hope you have a wonderful day!"
    speaker = Speaker(stage.model, DialogInstruments.of(stage.telemetry), 60)

    async def leave_after_two_pieces() -> None:
        pieces = speaker.stream(Act.GREET, "Hello!", None)
        await anext(pieces)
        await anext(pieces)
        await pieces.aclose()
        # Within the loop: as it ends, it closes what was forgotten.
        assert stage.model.closed == 1

    asyncio.run(leave_after_two_pieces())


def test_a_listener_who_leaves_frees_the_session(stage: Stage) -> None:
    stage.model.kind = "I am glad. I hope you have a wonderful day!"
    turn_id = stage.open(new=True)
    claim = Claim(stage.session_id, turn_id, 1, DialogState())
    instruments = DialogInstruments.of(stage.telemetry)
    speaker = Speaker(stage.model, instruments, 60)
    turns = Turns(stage.telemetry, instruments, stage.store, stage.shop, speaker, Limits())

    async def leave_after_two_pieces() -> None:
        body = TurnBody.model_validate(stage.body(turn_id, "opening_hours", "when are you open"))
        pieces = turns.stream(claim, body)
        await anext(pieces)
        await anext(pieces)
        await pieces.aclose()

    asyncio.run(leave_after_two_pieces())
    assert stage.store.released == [turn_id]


def test_the_model_of_the_request_is_asked(stage: Stage) -> None:
    turn_id = stage.open(new=True)
    body = {**stage.body(turn_id, "thanks", "thanks"), "model": "other"}
    stage.client.post("/turns", json=body)
    assert stage.model.asked[0][1] == "other"


def test_sessions_are_counted_when_they_begin_and_end(stage: Stage) -> None:
    stage.ask("greeting")
    stage.ask("opening_hours")
    reply = stage.client.post(f"/sessions/{stage.session_id}/end", json={})
    told = {"session_id": stage.session_id, "outcome": "resolved", "turns": 2}
    assert reply.json() == {**told, "ended_now": True}
    again = stage.client.post(f"/sessions/{stage.session_id}/end", json={})
    assert again.json() == {**told, "ended_now": False}
    assert stage.metric("conversation_sessions_started_total") == 1
    assert stage.metric("conversation_sessions_ended_total", outcome="resolved") == 1


def test_a_handoff_ends_the_session_and_is_counted_by_its_reason(stage: Stage) -> None:
    answer = stage.ask("speak_to_agent")
    assert (answer["handoff"], answer["outcome"]) == (True, "handed_off")
    assert stage.metric("conversation_handoffs_total", reason="requested") == 1
    assert stage.metric("conversation_sessions_ended_total", outcome="handed_off") == 1


def test_an_offer_is_no_handoff_yet(stage: Stage) -> None:
    answer = stage.ask("complaint")
    assert (answer["act"], answer["handoff"]) == ("offer_handoff", False)
    assert stage.metric("conversation_handoffs_total", reason="complaint") == 0


def test_the_policy_span_tells_the_decision_and_no_text(stage: Stage) -> None:
    stage.ask("order_status", text="where is my order, says kim@example.org")
    (span,) = [span for span in stage.telemetry.spans() if span.name == "dialog.policy"]
    attributes = dict(span.attributes or {})
    assert attributes == {
        "conversation.dialog.act": "ask_slot",
        "conversation.fallback": False,
        "conversation.repair": False,
        "dialog.missing_slots": 1,
    }


def test_the_span_of_the_turn_that_ends_a_session_has_its_outcome(stage: Stage) -> None:
    stage.ask("speak_to_agent")
    (span,) = [span for span in stage.telemetry.spans() if span.name == "dialog.policy"]
    assert (span.attributes or {})["conversation.outcome"] == "handed_off"


def test_no_span_and_no_log_line_has_what_the_user_said(stage: Stage) -> None:
    stage.ask("order_status", text="zanzibar", entities=[("order_number", "zanzibar-7")])
    told = str([dict(span.attributes or {}) for span in stage.telemetry.spans()])
    assert "zanzibar" not in told + str(stage.telemetry.log_records())
