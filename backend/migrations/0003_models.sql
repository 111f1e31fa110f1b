-- The registry: files by what they hold, and versions of models made of them.

-- A row stands for a complete, synced file `blobs/<sha256>` in the state folder: it is written after the
-- file, and deleted before it.
create table blobs (
    sha256     text    not null primary key,
    bytes      integer not null,
    created_ms integer not null
) strict;

-- Versions count up from 1 for each name and never change.
create table models (
    name       text    not null,
    version    integer not null check (version > 0),
    created_ms integer not null,
    manifest   text    not null,
    primary key (name, version)
) strict;

-- Which files a version needs. The reference keeps a blob that is in use from being collected.
create table model_files (
    name    text    not null,
    version integer not null,
    sha256  text    not null references blobs (sha256),
    primary key (name, version, sha256),
    foreign key (name, version) references models (name, version)
) strict, without rowid;

create index model_files_by_blob on model_files (sha256);
