import random
import threading
import time

import httpx
import pytest

from turnscope.load.answers import GatewayError
from turnscope.load.gateway_client import GatewayClient
from turnscope.load.scripts import SCRIPTS, choose_lines
from turnscope.load.settings import TrickleSettings
from turnscope.load.trickle import Trickle

pytestmark = pytest.mark.unit

SCRIPT = SCRIPTS[0]


def trickle_of(gateway, told=None, **settings):
    fast = {"mean_period_s": 0.001, "mean_think_s": 0.0, "seed": 1, "key": "key", **settings}
    client = GatewayClient(gateway.gateway_url, "key", transport=gateway.transport)
    tell = (told if told is not None else []).append
    return Trickle(TrickleSettings(**fast), client, tell, threading.Event())


def until(condition):
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_a_session_says_every_line_as_one_customer(gateway):
    trickle = trickle_of(gateway)
    trickle.hold_session(SCRIPT, random.Random(3))
    assert len(gateway.turns) == len(SCRIPT.steps)
    assert {turn.get("session_id") for turn in gateway.turns[1:]} == {"session-1"}
    assert len({turn["user_id"] for turn in gateway.turns}) == 1
    assert {turn["model"] for turn in gateway.turns} == {"smollm2"}


def test_over_many_sessions_some_are_rated_some_ended_and_some_left(gateway):
    trickle = trickle_of(gateway)
    chance = random.Random(5)
    for _ in range(200):
        trickle.hold_session(chance.choice(SCRIPTS), chance)
    assert 20 < len(gateway.feedback) < 120
    assert {given["thumbs"] for given in gateway.feedback} == {"up", "down"}
    assert 60 < len(gateway.ended) < 160


def test_a_session_that_the_assistant_closed_is_neither_continued_nor_ended(gateway):
    gateway.changes = {"outcome": "handed_off"}
    trickle_of(gateway).hold_session(SCRIPT, random.Random(3))
    assert len(gateway.turns) == 1
    assert gateway.ended == []


def test_the_gateways_absence_is_said_once_and_its_return_once(gateway):
    told: list[str] = []
    trickle = trickle_of(gateway, told)
    error = GatewayError("No gateway answers at http://x.")
    for seen in (None, error, error, error, None, None):
        trickle.note(seen)
    assert told == [
        "No gateway answers at http://x; demo traffic waits.",
        "The gateway answers: demo traffic goes on.",
    ]


def test_the_pause_grows_while_the_gateway_is_away_but_not_beyond_a_minute(gateway):
    trickle = trickle_of(gateway, mean_period_s=10.0)
    trickle.chance = random.Random(1)
    for _ in range(20):
        trickle.note(GatewayError("away"))
    assert trickle.pause() >= 60.0
    trickle.note(None)
    pauses = [trickle.pause() for _ in range(2000)]
    assert sum(pauses) / len(pauses) == pytest.approx(10.0, rel=0.1)


def test_traffic_goes_on_after_the_gateway_was_down(gateway):
    gateway.refusals.extend(httpx.ConnectError("refused") for _ in range(2))
    told: list[str] = []
    trickle = trickle_of(gateway, told)
    runner = threading.Thread(target=trickle.run)
    runner.start()
    until(lambda: len(gateway.turns) >= 5 and len(told) >= 2)
    trickle.stop.set()
    runner.join(timeout=2)
    assert not runner.is_alive()
    assert [line.split(".")[0] for line in told[:2]] == [
        "No gateway answers at http://127", "The gateway answers: demo traffic goes on",
    ]  # fmt: skip


def test_an_answer_that_hangs_does_not_hold_up_the_end(gateway, monkeypatch):
    monkeypatch.setattr("turnscope.load.trickle.GRACE_SECONDS", 0.05)
    hanging = threading.Event()
    gateway._handle = lambda request: (hanging.wait(10), httpx.Response(503))[1]
    trickle = trickle_of(gateway, at_once=2)
    runner = threading.Thread(target=trickle.run)
    runner.start()
    until(lambda: not trickle.places.acquire(blocking=False) or trickle.places.release())
    trickle.stop.set()
    began = time.monotonic()
    runner.join(timeout=5)
    hanging.set()
    assert time.monotonic() - began < 1.0


def test_there_are_scripts_enough_and_each_fills_its_blanks():
    assert len(SCRIPTS) >= 10
    assert len({script.name for script in SCRIPTS}) == len(SCRIPTS)
    for script in SCRIPTS:
        for seed in range(20):
            lines = choose_lines(script, random.Random(seed))
            assert len(lines) == len(script.steps)
            assert not any("{" in line for line in lines)
