"""The OpenAI form, from outside."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.model_inference.model_stage import Stage, instant, open_stage

pytestmark = pytest.mark.unit


def test_a_whole_answer_has_a_message_a_finish_reason_and_its_usage_with_the_cost(
    stage: Stage,
) -> None:
    body = stage.ask("Your order ships on Monday.").json()
    assert body["object"] == "chat.completion"
    (choice,) = body["choices"]
    assert choice["message"]["role"] == "assistant"
    assert "ships on Monday" in choice["message"]["content"]
    assert choice["finish_reason"] == "stop"
    usage = body["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["turnscope_cost_usd"] > 0


def test_a_stream_gives_the_same_text_in_chunks_of_one_id_and_ends_with_done(stage: Stage) -> None:
    whole = stage.ask("Your order ships.").json()["choices"][0]["message"]["content"]
    *chunks, end = stage.stream("Your order ships.")
    assert end == "[DONE]"
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert "".join(c["choices"][0]["delta"].get("content", "") for c in chunks) == whole
    assert [c["choices"][0]["finish_reason"] for c in chunks][-2:] == [None, "stop"]


def test_usage_comes_as_the_last_chunk_of_a_stream_only_if_it_was_asked_for(stage: Stage) -> None:
    assert all("usage" not in chunk for chunk in stage.stream()[:-1])
    *_, usage, _ = stage.stream(stream_options={"include_usage": True})
    assert usage["choices"] == []
    assert usage["usage"]["completion_tokens"] > 0
    assert usage["usage"]["turnscope_cost_usd"] > 0


def test_max_tokens_cuts_the_answer_and_the_finish_reason_says_so(stage: Stage) -> None:
    body = stage.ask("one two three four five six", max_tokens=2).json()
    assert body["choices"][0]["finish_reason"] == "length"
    assert body["usage"]["completion_tokens"] == 2


def test_no_request_gets_a_longer_answer_than_the_settings_allow() -> None:
    with open_stage([instant()], max_tokens=3) as stage:
        body = stage.ask("one two three four five six", max_tokens=500).json()
    assert body["usage"]["completion_tokens"] == 3


def test_a_stop_text_ends_the_answer_before_it(stage: Stage) -> None:
    text = stage.ask("alpha beta gamma", stop="gamma").json()["choices"][0]["message"]["content"]
    assert text.endswith("alpha beta")


def test_message_parts_and_the_developer_role_are_understood(stage: Stage) -> None:
    parts = [{"type": "text", "text": "split "}, {"type": "text", "text": "words"}]
    messages = [{"role": "developer", "content": "Be kind."}, {"role": "user", "content": parts}]
    body = stage.ask(messages=messages).json()
    assert body["choices"][0]["message"]["content"].endswith("split words")


def test_the_models_there_are_can_be_listed(stage: Stage) -> None:
    listed = stage.client.get("/v1/models").json()
    assert [model["id"] for model in listed["data"]] == ["scripted"]


def test_an_unknown_model_is_answered_with_the_names_there_are(stage: Stage) -> None:
    answer = stage.ask(model="gpt-9")
    error = answer.json()["error"]
    assert answer.status_code == 404
    assert (error["code"], error["type"]) == ("model_not_found", "invalid_request_error")
    assert "scripted" in error["message"]
    assert "gpt-9" not in error["message"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"messages": []},
        {"messages": [{"role": "wizard", "content": "x"}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
        {"max_tokens": 0},
        {"temperature": 9},
        {"n": 2},
        {"tools": [{"type": "function"}]},
        {"stop": ["a", "b", "c", "d", "e"]},
    ],
    ids=lambda wrong: str(next(iter(wrong))),
)
def test_wrong_input_is_an_error_object_in_openai_form(stage: Stage, wrong: dict[str, Any]) -> None:
    answer = stage.ask(**wrong)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["type"] == "invalid_request_error"
    assert next(iter(wrong)) in error["message"]


def test_a_prompt_over_the_limit_is_refused_with_both_lengths() -> None:
    with open_stage([instant()], prompt_limit=10) as stage:
        answer = stage.ask("x" * 11)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "context_length_exceeded"
    assert "10" in answer.json()["error"]["message"]
    assert "11" in answer.json()["error"]["message"]


def test_the_service_is_healthy_when_its_models_are(stage: Stage) -> None:
    assert stage.client.get("/healthz").json() == {"status": "ok"}
