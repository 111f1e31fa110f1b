-- Which program brought the database to which schema, for whoever has to find out later.
-- The version that counts is `pragma user_version`.

create table migrations (
    version    integer not null primary key,
    name       text    not null,
    program    text    not null,
    applied_ms integer not null
) strict;
