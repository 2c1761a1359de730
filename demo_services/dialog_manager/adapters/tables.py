"""The tables of postgres/030_dialog.sql as statements are built from them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

_metadata = MetaData(schema="dialog")
_uuid = UUID(as_uuid=False)
_moment = DateTime(timezone=True)

session = Table(
    "session",
    _metadata,
    Column("session_id", _uuid, primary_key=True),
    Column("user_id", Text),
    Column("source_id", Text),
    Column("started_at", _moment),
    Column("last_active_at", _moment),
    Column("ended_at", _moment),
    Column("outcome", Text),
    Column("turns", Integer),
    Column("state", JSONB),
    Column("claimed_turn", _uuid),
    Column("claim_started", Boolean),
    Column("claimed_until", _moment),
    Column("claim", Integer),
)

turn = Table(
    "turn",
    _metadata,
    Column("turn_id", _uuid, primary_key=True),
    Column("session_id", _uuid),
    Column("turn_index", Integer),
    Column("opened_at", _moment),
    Column("finished_at", _moment),
    Column("answer", JSONB),
    Column("intent", Text),
    Column("act", Text),
    Column("outcome", Text),
    Column("fallback", Boolean),
    Column("repair", Boolean),
    Column("handoff", Boolean),
    Column("degraded", Boolean),
    Column("degraded_reason", Text),
)
