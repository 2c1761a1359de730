import json

import httpx
import pytest

from turnscope.load.answers import Answer, GatewayError
from turnscope.load.gateway_client import GatewayClient
from turnscope.load.sse import read_events

pytestmark = pytest.mark.unit


def client_of(gateway, **more):
    return GatewayClient(gateway.gateway_url, "key-1", transport=gateway.transport, **more)


def test_a_turn_carries_the_key_and_only_what_was_chosen(gateway):
    answer = client_of(gateway).chat("hello", session_id=None, model="scripted")
    assert gateway.turns == [{"message": "hello", "model": "scripted"}]
    assert gateway.keys == {"Bearer key-1"}
    assert (answer.reply, answer.turn_index, answer.latency_ms) == ("It is there.", 1, 41.7)


def test_a_stream_gives_pieces_and_last_the_answer(gateway):
    *pieces, last = client_of(gateway).stream("hello")
    assert pieces == ["It is ", "there."]
    assert isinstance(last, Answer)
    assert last.trace_id == f"{1:032x}"


def test_a_stream_that_breaks_off_is_an_error(gateway):
    gateway.refusals.append(httpx.Response(200, text='event: token\ndata: {"text": "It"}\n\n'))
    with pytest.raises(GatewayError, match="broke the stream off before its answer"):
        list(client_of(gateway).stream("hello"))


def test_a_reply_may_hold_any_separator_and_come_in_any_pieces(gateway):
    text = "one\u2028two\x85three"
    data = json.dumps({"text": text}, ensure_ascii=False)
    whole = f": comment\r\nevent: token\r\ndata: {data}\r\n\r\n".encode()
    events = list(read_events(whole[at : at + 1] for at in range(len(whole))))
    assert [json.loads(event.data)["text"] for event in events] == [text]


def test_an_error_event_in_a_stream_is_told_in_its_own_words(gateway):
    event = 'event: error\ndata: {"error": {"reason": "x", "message": "No model answers."}}\n\n'
    gateway.refusals.append(httpx.Response(200, text=event))
    with pytest.raises(GatewayError, match="No model answers"):
        list(client_of(gateway).stream("hello"))


@pytest.mark.parametrize(
    ("failure", "sentence", "passing"),
    [
        (
            httpx.ConnectError("refused"),
            "No gateway answers at http://127.0.0.1:8000: is the stack up? make status",
            True,
        ),
        (
            httpx.ReadTimeout("slow"),
            "The gateway at http://127.0.0.1:8000 gave no answer within 90 s.",
            True,
        ),
        (
            httpx.RemoteProtocolError("gone"),
            "The connection to the gateway at http://127.0.0.1:8000 broke: RemoteProtocolError.",
            True,
        ),
        (
            httpx.Response(401, json={"error": {"reason": "unauthorized", "message": "Bad key."}}),
            "The gateway does not know this key (401): Bad key. GATEWAY_API_KEY holds it.",
            False,
        ),
        (
            httpx.Response(
                409, json={"error": {"reason": "session_ended", "message": "The session ended."}}
            ),
            "The gateway refused the call (409): The session ended.",
            False,
        ),
        (
            httpx.Response(409, json={"error": {"reason": "turn_in_progress", "message": "Wait."}}),
            "The gateway refused the call (409): Wait.",
            True,
        ),
        (
            httpx.Response(502, text="<html>Bad gateway</html>"),
            "The gateway refused the call (502): it gave no reason.",
            True,
        ),
        (
            httpx.Response(200, text="<html>Hello</html>"),
            "What answers at http://127.0.0.1:8000 is not the gateway: "
            + "a JSON object was expected, '<html>Hello</html>' came.",
            False,
        ),
        (
            httpx.Response(200, json={"reply": "yes"}),
            "The gateway at http://127.0.0.1:8000 sent an answer without a usable 'session_id'.",
            False,
        ),
    ],
)
def test_every_failure_is_one_sentence(gateway, failure, sentence, passing):
    gateway.refusals.append(failure)
    with pytest.raises(GatewayError) as raised:
        client_of(gateway).chat("hello")
    assert (str(raised.value), raised.value.is_passing) == (sentence, passing)


def test_the_wait_that_the_gateway_asks_for_is_kept(gateway):
    gateway.refusals.append(httpx.Response(429, headers={"retry-after": "2"}, json={}))
    with pytest.raises(GatewayError) as raised:
        client_of(gateway).chat("hello")
    assert raised.value.retry_after == 2.0
