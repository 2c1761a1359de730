-- What the assistant understands: written by `python -m demo_services.nlu.load_catalogue`, read by the NLU
-- when it starts. Safe to run again.

-- Trusted since PostgreSQL 13: the owner of the database may create it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE SCHEMA IF NOT EXISTS nlu;

CREATE TABLE IF NOT EXISTS nlu.intents (
    name        text PRIMARY KEY CHECK (name ~ '^[a-z][a-z_]{1,39}$'),
    description text NOT NULL
);

-- intent is null for a text that lies outside of what the shop's assistant is for.
CREATE TABLE IF NOT EXISTS nlu.utterances (
    text   text PRIMARY KEY CHECK (length(text) BETWEEN 1 AND 2000),
    intent text REFERENCES nlu.intents (name) ON DELETE CASCADE,
    part   text NOT NULL CHECK (part IN ('train', 'held_out'))
);
CREATE INDEX IF NOT EXISTS utterances_intent ON nlu.utterances (intent);

-- word is what a customer says, canonical what the names of products say; both in lower case.
CREATE TABLE IF NOT EXISTS nlu.synonyms (
    word      text PRIMARY KEY CHECK (word = lower(word)),
    canonical text NOT NULL CHECK (canonical = lower(canonical))
);

-- One row: which catalogue the tables above hold. digest is the SHA-256 of its file.
CREATE TABLE IF NOT EXISTS nlu.catalogue (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version   text NOT NULL,
    digest    text NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now()
);
