-- State of the dialog manager. A turn is claimed for a limited time, so that two turns of a session
-- never run at once, and a turn whose service died can be claimed again.
create schema if not exists dialog;

create table if not exists dialog.session (
    session_id     uuid primary key,
    user_id        text,
    source_id      text,
    started_at     timestamptz not null default now(),
    last_active_at timestamptz not null default now(),
    ended_at       timestamptz,
    outcome        text check (outcome in ('resolved', 'handed_off', 'abandoned', 'failed')),
    turns          integer not null default 0,
    -- Slots, the pending question and counters; emptied of entities when the session ends.
    state          jsonb not null default '{}',
    claimed_turn   uuid,
    claim_started  boolean not null default false,
    claimed_until  timestamptz,
    -- Counts claims; a runner whose number is no longer this one has lost its claim.
    claim          integer not null default 0,
    check ((ended_at is null) = (outcome is null))
);

comment on table dialog.session is 'One conversation; user_id is a keyed pseudonym.';
comment on column dialog.session.turns is 'Index of the newest turn, failed ones included.';

create table if not exists dialog.turn (
    turn_id         uuid primary key,
    session_id      uuid not null references dialog.session on delete cascade,
    turn_index      integer not null check (turn_index >= 1),
    opened_at       timestamptz not null default now(),
    finished_at     timestamptz,
    answer          jsonb,
    intent          text,
    act             text,
    outcome         text check (outcome in ('resolved', 'handed_off', 'abandoned', 'failed')),
    fallback        boolean not null default false,
    repair          boolean not null default false,
    handoff         boolean not null default false,
    degraded        boolean not null default false,
    degraded_reason text check (degraded_reason in
        ('nlu_unavailable', 'knowledge_base_unavailable', 'model_unavailable')),
    unique (session_id, turn_index),
    check ((finished_at is null) = (answer is null))
);

comment on table dialog.turn is
    'One message and its answer; turn_id is the idempotency key, finished_at is empty until answered.';

-- The audit counts the turns that were answered within a window.
create index if not exists turn_finished_at on dialog.turn (finished_at) where finished_at is not null;
-- The sweep looks for sessions that nobody came back to.
create index if not exists session_idle on dialog.session (last_active_at) where ended_at is null;
