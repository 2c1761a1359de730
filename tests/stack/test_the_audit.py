"""Answered, counted, logged and traced: the four numbers agree."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from running import Stack

pytestmark = pytest.mark.stack

TURNS = 500
QUIET_S = 12


def test_the_audit_over_500_turns_is_exact(stack: Stack) -> None:
    time.sleep(QUIET_S)
    start = datetime.now(UTC)
    time.sleep(QUIET_S)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: stack.say(f"where is order {1000 + n}?"), range(TURNS)))

    time.sleep(QUIET_S)
    end = datetime.now(UTC)
    time.sleep(QUIET_S)
    audit = stack.command("audit", "--start", start.isoformat(), "--end", end.isoformat())

    assert len({answer["turn_id"] for answer in answers}) == TURNS
    assert audit.returncode == 0, audit.stdout + audit.stderr
    assert audit.stdout.count(str(TURNS)) >= 4, audit.stdout
