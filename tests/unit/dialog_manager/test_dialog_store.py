"""The store on a real PostgreSQL: claims, replays, row locks and what is left of a session."""

from __future__ import annotations

import asyncio
import errno
import random
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from demo_services.dialog_manager.adapters.database import create_engine
from demo_services.dialog_manager.adapters.store import PostgresStore
from demo_services.dialog_manager.ports import Claim, NotAdmitted, StoreDown
from demo_services.dialog_manager.settings import DialogSettings
from demo_services.dialog_manager.state import DialogState
from turnscope.native.account import find_account
from turnscope.native.postgres import find_server
from turnscope.native.postgres_cluster import Cluster

pytestmark = pytest.mark.stack

PASSWORD = "only-for-this-test"
SCHEMA = Path("postgres/030_dialog.sql")
START_SECONDS = 90.0
ANSWER: dict[str, Any] = {
    "reply": "Order 1004711 was shipped.",
    "act": "answer",
    "intent": "order_status",
    "outcome": None,
    "fallback": False,
    "repair": False,
    "handoff": False,
    "degraded": False,
    "degraded_reason": None,
}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that the server's user can enter; pytest closes its own, again with every run."""
    with tempfile.TemporaryDirectory(prefix="dialog-store-") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """A libpq URI of a server of this module's own, with the schema."""
    server = find_server(folder, folder, lambda line: None)
    account = find_account(server.programs / "postgres", folder)
    assert account is not None, "PostgreSQL cannot be run here as any user"
    cluster = Cluster(server, account, folder / "data")
    cluster.prepare(PASSWORD)
    port = _free_port()
    process = subprocess.Popen(cluster.command(port), stderr=subprocess.DEVNULL, cwd="/")
    uri = f"postgresql://turnscope:{PASSWORD}@127.0.0.1:{port}/postgres"
    try:
        _apply_schema(uri, process)
        yield uri
    finally:
        process.terminate()
        process.wait(timeout=20)


def _free_port() -> int:
    """Below the range that outgoing connections take theirs from: they would come in between."""
    for port in random.SystemRandom().sample(range(20_000, 32_000), 50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED:
                return port
    raise RuntimeError("no free port between 20000 and 32000")


def _apply_schema(uri: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, f"PostgreSQL ended with {process.returncode}"
        try:
            with psycopg.connect(uri, connect_timeout=2) as connection:
                for _ in range(2):  # idempotent
                    connection.execute(SCHEMA.read_bytes())
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _settings(uri: str, **more: Any) -> DialogSettings:
    url = uri.replace("postgresql://", "postgresql+psycopg://", 1)
    return DialogSettings(database_url=url, **more)


@asynccontextmanager
async def _store(
    uri: str, *, open_s: float = 10, turn_s: float = 30
) -> AsyncIterator[PostgresStore]:
    engine = create_engine(_settings(uri))
    try:
        yield PostgresStore(engine, open_timeout_s=open_s, turn_timeout_s=turn_s)
    finally:
        await engine.dispose()


async def _open(store: PostgresStore, session: str, turn: str, *, new: bool = False) -> Any:
    return await store.open_turn(session, turn, new_session=new, user_id="u-1", source_id=None)


async def _claim(store: PostgresStore, session: str, turn: str) -> Claim:
    claim = await store.claim_turn(session, turn)
    assert isinstance(claim, Claim)
    return claim


async def _refused(doing: Awaitable[object]) -> str:
    with pytest.raises(NotAdmitted) as refused:
        await doing
    return refused.value.reason


def _run(
    uri: str, story: Callable[[PostgresStore, str, str], Awaitable[None]], **limits: float
) -> None:
    """Tell `story` with a store and the ids of a session and a turn that is open in it."""

    async def tell() -> None:
        session, turn = str(uuid.uuid4()), str(uuid.uuid4())
        async with _store(uri, **limits) as store:
            opened = await _open(store, session, turn, new=True)
            assert (opened.turn_index, opened.answer, opened.began) == (1, None, True)
            await story(store, session, turn)

    asyncio.run(tell())


def _one(uri: str, query: str, key: str) -> Any:
    with psycopg.connect(uri) as connection:
        return connection.execute(query, [key]).fetchone()


def test_a_finished_turn_is_replayed_and_its_row_is_complete(address: str) -> None:
    async def story(store: PostgresStore, session: str, turn: str) -> None:
        claim = await _claim(store, session, turn)
        await store.finish_turn(claim, DialogState(tasks_done=1), ANSWER)
        assert await store.claim_turn(session, turn) == ANSWER
        again = await _open(store, session, turn)
        assert (again.turn_index, again.answer, again.began) == (1, ANSWER, False)
        row = _one(
            address,
            "select act, intent, degraded, finished_at >= opened_at, turn_index "
            "from dialog.turn where turn_id = %s",
            turn,
        )
        assert row == ("answer", "order_status", False, True, 1)

    _run(address, story)


def test_opening_twice_gives_the_same_index(address: str) -> None:
    async def story(store: PostgresStore, session: str, turn: str) -> None:
        assert (await _open(store, session, turn, new=True)).turn_index == 1
        assert (await _open(store, session, turn)).turn_index == 1

    _run(address, story)


def test_a_second_turn_waits_until_the_first_is_finished(address: str) -> None:
    async def story(store: PostgresStore, session: str, turn: str) -> None:
        other = str(uuid.uuid4())
        assert await _refused(_open(store, session, other)) == "turn_in_progress"
        claim = await _claim(store, session, turn)
        assert await _refused(_open(store, session, other)) == "turn_in_progress"
        assert await _refused(store.claim_turn(session, turn)) == "turn_in_progress"
        await store.finish_turn(claim, DialogState(), ANSWER)
        assert (await _open(store, session, other)).turn_index == 2

    _run(address, story)


def test_of_many_openings_at_once_one_is_admitted(address: str) -> None:
    async def story(store: PostgresStore, session: str, turn: str) -> None:
        claim = await _claim(store, session, turn)
        await store.finish_turn(claim, DialogState(), ANSWER)
        openings = [_open(store, session, str(uuid.uuid4())) for _ in range(12)]
        results = await asyncio.gather(*openings, return_exceptions=True)
        admitted = [one for one in results if not isinstance(one, Exception)]
        assert [one.turn_index for one in admitted] == [2]
        assert {str(one) for one in results if isinstance(one, Exception)} == {"turn_in_progress"}

    _run(address, story)


def test_a_claim_that_ran_out_is_taken_over_and_its_first_runner_stores_nothing(
    address: str,
) -> None:
    async def story(store: PostgresStore, session: str, turn: str) -> None:
        late = await _claim(store, session, turn)
        await asyncio.sleep(0.3)
        claim = await _claim(store, session, turn)
        assert await _refused(store.finish_turn(late, DialogState(), ANSWER)) == "turn_in_progress"
        await store.release_turn(late)
        await store.finish_turn(claim, DialogState(tasks_done=7), ANSWER)
        state = _one(
            address,
            "select state->>'tasks_done' from dialog.session where session_id = %s",
            session,
        )
        assert state == ("7",)

    _run(address, story, turn_s=0.2)


def test_a_turn_that_was_opened_and_never_run_lets_the_next_one_in(address: str) -> None:
    async def story(store: PostgresStore, session: str, turn: str) -> None:
        await asyncio.sleep(0.3)
        assert (await _open(store, session, str(uuid.uuid4()))).turn_index == 2
        assert await _refused(store.claim_turn(session, turn)) == "turn_in_progress"

    _run(address, story, open_s=0.2)


def test_a_claim_that_is_given_back_may_be_taken_at_once(address: str) -> None:
    async def story(store: PostgresStore, session: str, turn: str) -> None:
        await store.release_turn(await _claim(store, session, turn))
        assert (await _claim(store, session, turn)).number == 2

    _run(address, story)


def test_an_answer_with_an_outcome_ends_the_session_and_empties_its_state(address: str) -> None:
    async def story(store: PostgresStore, session: str, turn: str) -> None:
        claim = await _claim(store, session, turn)
        state = DialogState(slots={"email": "kim@example.org"}, last_reply="Hello Kim")
        await store.finish_turn(claim, state, {**ANSWER, "outcome": "handed_off"})
        assert await _refused(_open(store, session, str(uuid.uuid4()))) == "session_ended"
        assert (await _open(store, session, turn)).answer["outcome"] == "handed_off"
        ended = await store.end_session(session)
        assert (ended.outcome, ended.turns, ended.now) == ("handed_off", 1, False)
        row = _one(address, "select state::text from dialog.session where session_id = %s", session)
        assert "Kim" not in row[0]
        assert "kim" not in row[0]

    _run(address, story)


def test_a_session_is_not_ended_under_a_running_turn(address: str) -> None:
    async def story(store: PostgresStore, session: str, turn: str) -> None:
        claim = await _claim(store, session, turn)
        assert await _refused(store.end_session(session)) == "turn_in_progress"
        await store.finish_turn(claim, DialogState(tasks_done=1), ANSWER)
        ended = await store.end_session(session)
        assert (ended.outcome, ended.now) == ("resolved", True)

    _run(address, story)


def test_a_session_is_ended_over_a_turn_that_was_only_opened(address: str) -> None:
    async def story(store: PostgresStore, session: str, turn: str) -> None:
        assert (await store.end_session(session)).outcome == "abandoned"
        assert await _refused(store.claim_turn(session, turn)) == "session_ended"

    _run(address, story)


def test_idle_sessions_are_ended_once(address: str) -> None:
    async def story(store: PostgresStore, session: str, turn: str) -> None:
        await store.release_turn(await _claim(store, session, turn))
        await asyncio.sleep(0.2)
        sweeps = await asyncio.gather(*(store.end_idle_sessions(0.1, 100) for _ in range(3)))
        mine = [one for sweep in sweeps for one in sweep if one.session_id == session]
        assert [one.outcome for one in mine] == ["abandoned"]

    _run(address, story)


def test_unknown_and_foreign_turns_are_told_apart(address: str) -> None:
    async def story(store: PostgresStore, session: str, turn: str) -> None:
        elsewhere = str(uuid.uuid4())
        assert await _refused(_open(store, elsewhere, turn)) == "unknown_session"
        assert await _refused(store.claim_turn(session, elsewhere)) == "unknown_turn"
        assert await _refused(_open(store, elsewhere, turn, new=True)) == "foreign_turn"
        assert await _refused(store.read_session(str(uuid.uuid4()))) == "unknown_session"

    _run(address, story)


def test_what_is_shown_of_a_session_holds_no_state(address: str) -> None:
    async def story(store: PostgresStore, session: str, turn: str) -> None:
        shown = await store.read_session(session)
        assert shown["turns"] == 1
        assert shown["outcome"] is None
        assert "state" not in shown

    _run(address, story)


def test_the_index_of_the_audit_is_there(address: str) -> None:
    row = _one(address, "select indexdef from pg_indexes where indexname = %s", "turn_finished_at")
    assert "finished_at" in row[0]


def test_a_database_that_is_away_is_one_exception() -> None:
    async def tell() -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
            async with _store(f"postgresql://nobody@127.0.0.1:{port}/none") as store:
                with pytest.raises(StoreDown):
                    await store.check()

    asyncio.run(tell())
