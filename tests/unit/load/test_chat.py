import httpx
import pytest

from turnscope.load.chat import run_chat

pytestmark = pytest.mark.unit


def chat(gateway, console, *lines):
    """Each line is typed, or raised where it is an exception."""
    typed = iter(lines)

    def ask():
        line = next(typed)
        if isinstance(line, BaseException):
            raise line
        return line

    return run_chat(gateway, "key", "scripted", console, ask=ask, transport=gateway.transport)


def test_the_second_message_stays_in_the_session_of_the_first(gateway, console, said):
    assert chat(gateway, console, "hello", "and now?", "/end") == 0
    assert [turn.get("session_id") for turn in gateway.turns] == [None, "session-1"]
    assert "It is there.\n" in said()


@pytest.mark.parametrize("last", ["/end", "/quit", KeyboardInterrupt(), EOFError()])
def test_every_way_out_ends_the_session(gateway, console, last, said):
    assert chat(gateway, console, "hello", last) == 0
    assert gateway.ended == ["session-1"]
    assert "Session session-1 ended: resolved." in said()


def test_leaving_before_the_first_message_calls_nobody(gateway, console):
    assert chat(gateway, console, EOFError()) == 0
    assert gateway.ended == []


def test_thumbs_rate_the_last_answer(gateway, console):
    chat(gateway, console, "/thumbs up", "hello", "/thumbs down", "/thumbs sideways", "/quit")
    assert gateway.feedback == [{"session_id": "session-1", "turn_id": "turn-1", "thumbs": "down"}]


def test_a_turn_without_answer_is_told_and_the_conversation_goes_on(gateway, console, said):
    gateway.refusals.append(httpx.ConnectError("refused"))
    assert chat(gateway, console, "hello", "hello again", "/quit") == 0
    assert "No gateway answers" in said()
    assert [turn["message"] for turn in gateway.turns] == ["hello again"]


def test_a_session_that_cannot_be_ended_gives_exit_code_1(gateway, console, said):
    def typed():
        yield "hello"
        gateway.refusals.append(httpx.ConnectError("refused"))
        yield "/end"

    lines = typed()
    code = run_chat(
        gateway, "key", None, console, ask=lambda: next(lines), transport=gateway.transport
    )
    assert code == 1
    assert "The session stays open." in said()


def test_an_outcome_of_the_assistant_ends_the_conversation(gateway, console, said):
    gateway.changes = {"outcome": "handed_off"}
    assert chat(gateway, console, "agent please", AssertionError("asked once too often")) == 0
    assert "The assistant ended session session-1: handed_off." in said()
    assert gateway.ended == []
