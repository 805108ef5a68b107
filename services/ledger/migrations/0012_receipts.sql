-- What receipts are put together from, and promises about what is not signed yet.
set role :owner;
create index on readmodel.mirror (stream, version) where source = 'delegation';  -- the whole history of a grant
create index on readmodel.act (case_id) where type <> 'cases.CaseAccepted' and case_id is not null;

-- Fed by delegation: the facts by which a seal is there at all.
create table readmodel.seal_issue (position bigint primary key, seal_id text not null);
create index on readmodel.seal_issue (seal_id);
insert into readmodel.seal_issue
  select position, convert_from(envelope, 'UTF8')::jsonb -> 'data' ->> 'seal_id' from readmodel.mirror
   where source = 'delegation' and type in ('delegation.SealIssued', 'delegation.SealRegistered');
reset role;

-- The ledger asks; the relay, which has the logs' keys, promises, and takes the question away.
-- A promise is never taken back.
create schema promise authorization :owner;
set role :owner;
create table promise.asked (
  source text, stream uuid, version int, asked_at timestamptz not null default clock_timestamp(),
  primary key (source, stream, version)
);
create table promise.given (
  source text, stream uuid, version int, leaf_hash bytea, note text not null,
  primary key (source, stream, version, leaf_hash)  -- a log that was rewritten promises anew, and the old one stays
);
grant usage on schema promise to :service, :relay;
grant select, insert on promise.asked to :service;
grant select on promise.given to :service;
grant select, delete on promise.asked to :relay;
grant select, insert on promise.given to :relay;
reset role;
