import httpx
import pytest

from turnscope.load.say import run_say

pytestmark = pytest.mark.unit


def say(gateway, console, message="Where is order 1?"):
    return run_say(gateway, "key", message, None, "scripted", console, transport=gateway.transport)


def test_say_prints_the_reply_and_every_id(gateway, console, said):
    assert say(gateway, console) == 0
    lines = said().splitlines()
    assert lines[0] == "It is there."
    assert "session_id session-1" in lines
    assert "turn_id    turn-1 (turn 1)" in lines
    assert f"trace_id   {1:032x}" in lines
    assert "latency    42 ms" in lines
    assert "degraded   no" in lines


def test_a_reply_that_looks_like_markup_is_printed_as_it_is(gateway, console, said):
    gateway.changes = {"reply": "[bold]Order [1][/nope]"}
    assert say(gateway, console) == 0
    assert said().startswith("[bold]Order [1][/nope]\n")


def test_a_reply_cannot_steer_the_terminal(gateway, console, said):
    gateway.changes = {"reply": "\x1b]0;title\x07It is :smile: there."}
    assert say(gateway, console) == 0
    assert said().startswith("]0;titleIt is :smile: there.\n")


def test_a_failed_turn_gives_exit_code_1(gateway, console, said):
    gateway.changes = {"turn_outcome": "failed", "degraded": True}
    assert say(gateway, console) == 1
    assert "degraded   yes" in said()


def test_no_gateway_is_one_sentence_and_exit_code_1(gateway, console, said):
    gateway.refusals.append(httpx.ConnectError("refused"))
    assert say(gateway, console) == 1
    assert said() == ("No gateway answers at http://127.0.0.1:8000: is the stack up? make status\n")


def test_an_empty_message_is_wrong_use_and_nothing_is_sent(gateway, console):
    assert say(gateway, console, "  \n") == 2
    assert gateway.turns == []
