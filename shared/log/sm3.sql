-- The SM3 range of the log as it was last signed, so that a relay goes on from there.
set role :owner;
create table log.sm3 (
  one bool primary key default true check (one), size bigint not null check (size >= 0), hashes bytea[] not null
);
grant select, insert, update on log.sm3 to :relay;
grant select on log.sm3 to :reader;
reset role;
