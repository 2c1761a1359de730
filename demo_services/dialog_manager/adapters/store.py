"""Sessions and turns in PostgreSQL.

A turn is claimed in one short transaction under the session's row lock and finished in another. The
lock is not held in between: a model may take seconds, and each turn would hold a connection for all
of them. What guards that time is the claim itself, with a time limit by the database's clock.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_keep
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from demo_services.dialog_manager.acts import Outcome
from demo_services.dialog_manager.adapters.database import transaction
from demo_services.dialog_manager.adapters.tables import session, turn
from demo_services.dialog_manager.domain import outcome_at_end
from demo_services.dialog_manager.ports import Answer, Claim, Ended, NotAdmitted, Opened
from demo_services.dialog_manager.state import DialogState

# A row: its columns stand in the statement; SQLAlchemy 2.0 and 2.1 write its type differently.
_Row = Any
_NO_CLAIM = {"claimed_turn": None, "claim_started": False, "claimed_until": None}
_COLUMNS_OF_ANSWER = (
    "intent", "act", "outcome", "fallback", "repair", "handoff", "degraded", "degraded_reason",
)  # fmt: skip
_SHOWN = (
    "session_id", "user_id", "source_id", "started_at", "last_active_at", "ended_at", "outcome",
    "turns",
)  # fmt: skip


class PostgresStore:
    """`Store` over an async engine; time limits in seconds."""

    def __init__(
        self, engine: AsyncEngine, *, open_timeout_s: float, turn_timeout_s: float
    ) -> None:
        self._engine = engine
        self._open_timeout = timedelta(seconds=open_timeout_s)
        self._turn_timeout = timedelta(seconds=turn_timeout_s)

    async def open_turn(
        self,
        session_id: str,
        turn_id: str,
        *,
        new_session: bool,
        user_id: str | None,
        source_id: str | None,
    ) -> Opened:
        """Admit a turn and keep others out until it runs or its time is over."""
        async with transaction(self._engine) as db:
            began = new_session and await _begin_session(db, session_id, user_id, source_id)
            held = await _lock_session(db, session_id)
            known = await _read_turn(db, session_id, turn_id)
            if known is not None and known.answer is not None:
                return Opened(known.turn_index, known.answer)
            _refuse_if_taken(held, turn_id)
            index = known.turn_index if known is not None else held.turns + 1
            if known is None:
                values = {"turn_id": turn_id, "session_id": session_id, "turn_index": index}
                await db.execute(insert(turn).values(**values))
            await _update_session(
                db,
                session_id,
                turns=max(held.turns, index),
                last_active_at=func.now(),
                claimed_turn=turn_id,
                claim_started=False,
                claimed_until=func.now() + self._open_timeout,
            )
            return Opened(index, began=began)

    async def claim_turn(self, session_id: str, turn_id: str) -> Claim | Answer:
        """Start an opened turn; a claim that ran out may be claimed again."""
        async with transaction(self._engine) as db:
            held = await _lock_session(db, session_id)
            known = await _read_turn(db, session_id, turn_id)
            if known is None:
                raise NotAdmitted("unknown_turn")
            if known.answer is not None:
                answer: Answer = known.answer
                return answer
            _refuse_if_taken(held, turn_id)
            number = held.claim + 1
            await _update_session(
                db,
                session_id,
                claim=number,
                claimed_turn=turn_id,
                claim_started=True,
                claimed_until=func.now() + self._turn_timeout,
            )
            return Claim(session_id, turn_id, number, DialogState.from_json(held.state))

    async def finish_turn(self, claim: Claim, state: DialogState, answer: Answer) -> None:
        """Store state and answer together, unless another runner has taken the turn over."""
        ending = {}
        if answer["outcome"] is not None:
            ending = {"outcome": answer["outcome"], "ended_at": func.now()}
            state = state.emptied()
        async with transaction(self._engine) as db:
            kept = await db.execute(
                update(session)
                .where(session.c.session_id == claim.session_id, session.c.claim == claim.number)
                .values(state=state.to_json(), last_active_at=func.now(), **_NO_CLAIM, **ending)
            )
            if kept.rowcount == 0:
                raise NotAdmitted("turn_in_progress")
            columns = {name: answer[name] for name in _COLUMNS_OF_ANSWER}
            await db.execute(
                update(turn)
                .where(turn.c.turn_id == claim.turn_id)
                .values(answer=answer, finished_at=func.clock_timestamp(), **columns)
            )

    async def release_turn(self, claim: Claim) -> None:
        """Drop the claim if it is still this one."""
        async with transaction(self._engine) as db:
            await db.execute(
                update(session)
                .where(session.c.session_id == claim.session_id, session.c.claim == claim.number)
                .values(**_NO_CLAIM)
            )

    async def end_session(self, session_id: str) -> Ended:
        """End a session that no turn runs in; its outcome follows from its state."""
        async with transaction(self._engine) as db:
            held = await _lock_session(db, session_id)
            if held.outcome is not None:
                return Ended(session_id, Outcome(held.outcome), held.turns, now=False)
            if held.claimed and held.claim_started:
                raise NotAdmitted("turn_in_progress")
            return await _end(db, held)

    async def end_idle_sessions(self, idle_s: float, most: int) -> list[Ended]:
        """End idle sessions; those that another replica is ending are left to it."""
        idle = (
            select(session)
            .where(session.c.ended_at.is_(None))
            .where(session.c.last_active_at < func.now() - timedelta(seconds=idle_s))
            .order_by(session.c.last_active_at)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        async with transaction(self._engine) as db:
            return [await _end(db, held) for held in (await db.execute(idle)).all()]

    async def read_session(self, session_id: str) -> dict[str, Any]:
        """The columns that hold neither texts nor entities."""
        async with transaction(self._engine) as db:
            columns = [session.c[name] for name in _SHOWN]
            found = await db.execute(select(*columns).where(session.c.session_id == session_id))
            row = found.one_or_none()
        if row is None:
            raise NotAdmitted("unknown_session")
        return dict(row._mapping)

    async def check(self) -> None:
        """One trivial statement on the table that every turn needs."""
        async with transaction(self._engine) as db:
            await db.execute(select(session.c.session_id).limit(1))


async def _begin_session(
    db: AsyncConnection, session_id: str, user_id: str | None, source_id: str | None
) -> bool:
    """False if the session is there already: the first open of it was repeated."""
    values = {"session_id": session_id, "user_id": user_id, "source_id": source_id}
    statement = insert_or_keep(session).values(**values).on_conflict_do_nothing()
    begun = await db.execute(statement.returning(session.c.session_id))
    return begun.one_or_none() is not None


async def _lock_session(db: AsyncConnection, session_id: str) -> _Row:
    """The session under its row lock, with `claimed`: a claim is held and its time is not over."""
    claimed = func.coalesce(session.c.claimed_until > func.now(), False).label("claimed")
    statement = select(session, claimed).where(session.c.session_id == session_id)
    row = (await db.execute(statement.with_for_update())).one_or_none()
    if row is None:
        raise NotAdmitted("unknown_session")
    return row


async def _read_turn(db: AsyncConnection, session_id: str, turn_id: str) -> _Row | None:
    # A statement of its own: joined to the one that waits for the lock, it would show the turn as
    # it was before the wait.
    columns = (turn.c.session_id, turn.c.turn_index, turn.c.answer)
    found = await db.execute(select(*columns).where(turn.c.turn_id == turn_id))
    row: _Row | None = found.one_or_none()
    if row is not None and row.session_id != session_id:
        raise NotAdmitted("foreign_turn")
    return row


def _refuse_if_taken(held: _Row, turn_id: str) -> None:
    if held.ended_at is not None:
        raise NotAdmitted("session_ended")
    if held.claimed and (held.claim_started or held.claimed_turn != turn_id):
        raise NotAdmitted("turn_in_progress")


async def _update_session(db: AsyncConnection, session_id: str, **values: Any) -> None:
    await db.execute(update(session).where(session.c.session_id == session_id).values(**values))


async def _end(db: AsyncConnection, held: _Row) -> Ended:
    state = DialogState.from_json(held.state)
    outcome = outcome_at_end(state)
    await _update_session(
        db,
        held.session_id,
        outcome=outcome.value,
        ended_at=func.now(),
        state=state.emptied().to_json(),
        **_NO_CLAIM,
    )
    return Ended(held.session_id, outcome, held.turns, now=True)
