-- Runs, and what they said. A run is its events; the columns of `runs` that could be read off the events
-- (progress, figures, ran_ms, last_seq) are kept beside them so that a list of runs needs no replay.

create table runs (
    id         text    not null primary key,
    name       text    not null,
    -- RunConfig as JSON, resolved: every knob is there and in range.
    config     text    not null,
    device     text    not null,
    state      text    not null check (state in
                   ('queued', 'running', 'paused', 'interrupted', 'stopped', 'finished', 'failed')),
    created_ms integer not null,
    -- Its place in the queue; newer when it was stopped and resumed.
    queued_ms  integer not null,
    ran_ms     integer not null default 0,
    last_seq   integer not null default 0,
    -- 1: a person paused it, so it starts paused when it goes on after a cut.
    held       integer not null default 0,
    -- How often its process died since its newest checkpoint.
    deaths     integer not null default 0,
    -- The newest Progress as JSON.
    progress   text,
    figures    text    not null default '{}'
) strict;

create index runs_by_state on runs (state, queued_ms);

-- Append-only: a row is never changed, and only goes when its run is deleted.
create table events (
    run  text    not null references runs (id) on delete cascade,
    seq  integer not null check (seq > 0),
    -- The whole event as JSON, exactly as it is sent.
    body text    not null,
    primary key (run, seq)
) strict, without rowid;
