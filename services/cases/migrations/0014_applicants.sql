-- Details of applicants: the one place for personal data (R223). Mutable, and of the service's role alone. A row is
-- written and deleted in the transaction that appends the fact about it, so that the two never disagree.
create schema applicants authorization :owner;
set role :owner;
create table applicants.person (
  applicant_key uuid primary key,             -- the id of its stream in the log
  programme_id text not null,
  details jsonb not null,
  version int not null                        -- of the fact that commits to these details
) with (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);
create table applicants.identity (            -- whose the details are: the same person has one key in a programme
  programme_id text, id_kind text, id_number text,
  applicant_key uuid not null unique references applicants.person on delete cascade,
  primary key (programme_id, id_kind, id_number)
) with (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);
create table applicants.salt (                -- of every commitment in the log, until the erasure
  applicant_key uuid references applicants.person on delete cascade, version int,
  salt bytea not null check (length(salt) = 16), primary key (applicant_key, version)
) with (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);
create table applicants.concern (             -- the cases of a registered applicant
  applicant_key uuid references applicants.person on delete cascade, case_id text, primary key (applicant_key, case_id)
);
grant usage on schema applicants to :service;
grant select, insert, update, delete on all tables in schema applicants to :service;

create table readmodel.applicant (            -- fed by cases; no details
  applicant_key text primary key, programme_id text not null, commitment text not null, held_fields text[] not null,
  registered_by_org_id text not null, registered_at timestamptz not null, corrected_at timestamptz,
  erased_at timestamptz, erased_by_org_id text, erased_fields text[], ground text, instrument_ref text
);
create table readmodel.applicant_act (        -- fed by cases
  applicant_key text, position bigint, type text not null, org_id text not null, operator text not null,
  occurred_at timestamptz not null, recorded_at timestamptz not null, data jsonb not null,
  primary key (applicant_key, position)
);
create index on readmodel.application (applicant_key);
reset role;
