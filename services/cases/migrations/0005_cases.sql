-- Cases as they stand, their history, seals and ended grants. One source feeds each table.
set role :owner;
create table readmodel.application (          -- fed by cases
  case_id text primary key, programme_id text not null, item_id text not null, subitem text,
  applicant_key text not null, subject_key text not null, channel text not null, chosen_org_id text not null,
  town_id text, mode text, filed_at text, cross_town boolean not null default false, grant_id text,
  state text not null, outcome text, at_org_id text not null, accepted_by_org_id text, liable_org_id text,
  submitted_at timestamptz not null, accepted_at timestamptz, forward_due_at timestamptz, total_due_at timestamptz,
  forwarded_at timestamptz, received_at timestamptz, decided_at timestamptz, sealed_at timestamptz,
  delivered_at timestamptz, finished_at timestamptz, returns int not null default 0, duplicate_of text,
  position bigint not null                    -- of the last fact about it
);
create index on readmodel.application (item_id, applicant_key, subject_key);
create index on readmodel.application (programme_id, state);
create index on readmodel.application (town_id, submitted_at desc);
create index on readmodel.application (at_org_id, submitted_at desc);
create index on readmodel.application (submitted_at desc);
create index on readmodel.application (grant_id) where finished_at is null;
create table readmodel.act (                  -- fed by cases
  case_id text, position bigint, type text not null, org_id text not null, operator text not null,
  occurred_at timestamptz not null, recorded_at timestamptz not null, data jsonb not null,
  primary key (case_id, position)
);
create table readmodel.seal (                 -- fed by delegation
  seal_id text primary key, kind text not null, department_id text, town_id text, custodian_org_id text not null,
  in_use_from timestamptz not null, in_use_to timestamptz, state text not null
);
create table readmodel.grant_end (            -- fed by delegation
  grant_id text primary key, ended_from timestamptz not null, cause text not null, in_flight_policy text,
  told_at timestamptz not null                -- when the end was announced
);
create index on readmodel.grant_end (ended_from);
reset role;
