-- What delegation answers and looks up; fed by its own facts, but for the last two tables.
set role :owner;
create table readmodel.claim (
  claim_id uuid primary key, programme_id text not null, town_id text not null, item_id text not null,
  kind text, state text not null, claimed_on date, ground text, reason text, expected_on date,
  consented_on date, document_ref text, answered_on date
);
create index on readmodel.claim (programme_id, town_id);
create table readmodel.town_list (
  programme_id text not null, town_id text not null, version int not null, state text not null,
  entries jsonb not null, approved_by_org_id text, decision_ref text, from_day date, reason text,
  position bigint not null, primary key (programme_id, town_id, version)
);
create table readmodel.town_catalogue (
  programme_id text not null, town_id text not null, version int not null, item_ids text[] not null,
  filed jsonb not null default '{}', published_at timestamptz, channel text, url text,
  primary key (programme_id, town_id, version)
);
create table readmodel.granted (
  grant_id uuid primary key, programme_id text not null, town_id text not null, item_id text not null,
  scope text[] not null, mode text not null, decided_by_org_id text not null, power_owner_org_id text not null,
  act_supervisor_org_id text, agreement_id uuid, claim_id uuid, predecessor_grant_id uuid,
  effective_from timestamptz not null, ended_at timestamptz, state text not null, instrument jsonb,
  decided_at timestamptz not null, started_at timestamptz, review_article text, gates jsonb,
  recall jsonb, position bigint not null
);
create index on readmodel.granted (programme_id, town_id, item_id);
create index on readmodel.granted (agreement_id);
create table readmodel.rejected (
  programme_id text not null, town_id text not null, item_id text not null, mode text not null,
  reason_code text not null, facts jsonb not null, at timestamptz not null, position bigint primary key
);
create table readmodel.transferred (
  transfer_id uuid primary key, programme_id text not null, unit_id text not null, item_id text not null,
  from_org_id text not null, to_org_id text not null, agreement_id uuid not null,
  transfer_at timestamptz not null, instrument jsonb, position bigint not null
);
create table readmodel.agreement (
  agreement_id uuid primary key, programme_id text not null, kind text not null, department_id text not null,
  town_id text not null, parties text[] not null, item_ids text[] not null, clauses jsonb not null,
  state text not null, signed_on date, term_from date, term_to date, transfer_at timestamptz,
  file_hash text, filed_with text, filed_on date, warned boolean not null default false,
  ended_on date, position bigint not null
);
create index on readmodel.agreement (programme_id, town_id);
create table readmodel.seal (
  seal_id text primary key, programme_id text not null, kind text not null, org_id text not null,
  town_id text, custodian_org_id text, state text not null, text text, pattern_deviation boolean,
  since timestamptz not null, position bigint not null
);
-- Fed by catalog's facts.
create table readmodel.published_list (
  programme_id text not null, town_id text not null, version int not null, published_at timestamptz not null,
  primary key (programme_id, town_id, version)
);
-- Fed by the facts of cases: what is accepted and not yet decided.
create table readmodel.open_case (
  case_id text primary key, programme_id text not null, item_id text not null, town_id text, grant_id text
);
reset role;
