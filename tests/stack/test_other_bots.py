"""A bot that imports the library, and one that imports nothing, arrive in the stores."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from running import ROOT, Stack, new_id
from waiting import eventually

from turnscope.stores.loki import where

pytestmark = pytest.mark.stack


def lines_with(stack: Stack, **fields: str) -> int:
    now = time.time_ns()
    query = where(**fields)
    return len(list(stack.stores.logs.lines(query, now - 3600 * 10**9, now + 10**9)))


def test_the_smallest_assistant_arrives_in_loki_and_the_trace_store(
    stack: Stack, tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "OTEL_EXPORTER_OTLP_ENDPOINT": stack.endpoints.collector_url,
        "OPENAI_BASE_URL": f"http://127.0.0.1:{8003 + int(stack.environment['PORT_OFFSET'])}/v1",
        "FAQ_BOT_MODEL": "scripted",
        "FAQ_BOT_PORT": str(port),
        "TURNSCOPE_PSEUDONYM_KEY": "test",
    }
    with (tmp_path / "faq.log").open("w") as log:
        bot = subprocess.Popen(
            [sys.executable, "examples/faq_bot.py"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            url = f"http://127.0.0.1:{port}/ask"
            session = new_id()
            body = {"question": "Are you open on Mondays?", "session_id": session, "user": "u"}

            def answered() -> bool:
                try:
                    return httpx.post(url, json=body, timeout=30, trust_env=False).is_success
                except httpx.TransportError:
                    return False

            eventually(answered, "an answer of the FAQ bot", 40)
            eventually(
                lambda: lines_with(stack, event_name="turn_finished", session_id=session),
                "the FAQ bot's turn in Loki",
                20,
            )
        finally:
            bot.terminate()
            bot.wait(20)


def test_a_script_that_only_prints_json_arrives_in_loki(stack: Stack, tmp_path: Path) -> None:
    log = tmp_path / "bot.log"
    session = new_id()
    script = (
        "import json, sys\n"
        "for turn in range(5):\n"
        "    print(json.dumps({'session_id': sys.argv[1], 'message': f'turn {turn}',"
        " 'level': 'info', 'latency_ms': 12.5}))\n"
    )
    with log.open("w") as file:
        subprocess.run([sys.executable, "-c", script, session], stdout=file, check=True)

    shipped = stack.command("ship", str(log), "--service", "plain-bot", "--once")

    assert shipped.returncode == 0, shipped.stdout + shipped.stderr
    eventually(lambda: lines_with(stack, session_id=session) == 5, "five shipped lines", 20)


def test_a_recorded_conversation_is_replayed_as_one_session(stack: Stack, tmp_path: Path) -> None:
    recorded = tmp_path / "recorded.jsonl"
    turns = [
        ("system", "Hello, how can I help?"),
        ("user", "where is my order 1042?"),
        ("system", "On its way."),
        ("user", "thanks, bye"),
    ]
    recorded.write_text(
        "".join(
            json.dumps({"session_id": "rec-1", "turn": n, "speaker": who, "text": text}) + "\n"
            for n, (who, text) in enumerate(turns)
        )
    )

    replayed = stack.command("replay", str(recorded), "--session", "rec-1")

    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert "2" in replayed.stdout
