-- Training, guidance, operators and accounts; fed by delegation's own facts.
set role :owner;
create table readmodel.training_plan (
  programme_id text, item_id text, department_id text not null, plan_ref text not null,
  primary key (programme_id, item_id)
);
create table readmodel.training_held (
  position bigint, programme_id text not null, town_id text, item_id text, held_by_org_id text not null,
  attendee_ids text[] not null, materials text[] not null, held_on date not null,
  primary key (position, town_id, item_id)
);
create index on readmodel.training_held (town_id, item_id);
create table readmodel.capability (
  position bigint, programme_id text not null, town_id text not null, item_id text,
  operator_ids text[] not null, assessed_by_org_id text not null, confirmed_on date not null,
  primary key (position, item_id)
);
create index on readmodel.capability (town_id, item_id);
create table readmodel.guidance (
  question_id uuid primary key, programme_id text not null, town_id text not null, item_id text not null,
  department_id text not null, text_ref text not null, asked_on date not null, state text not null,
  form text, answer_ref text, answered_on date, position bigint not null
);
create index on readmodel.guidance (programme_id, item_id);
create table readmodel.operator_assigned (
  position bigint primary key, programme_id text not null, operator_id text not null,
  employer_org_id text not null, acting_org_id text not null, contract_kind text not null,
  from_day date not null, to_day date
);
create index on readmodel.operator_assigned (acting_org_id);
create table readmodel.secondment (
  position bigint primary key, programme_id text not null, operator_id text not null, direction text not null,
  from_org_id text not null, to_org_id text not null, item_ids text[] not null, from_day date not null,
  to_day date
);
create table readmodel.account (
  account_id uuid primary key, programme_id text not null, system text not null, org_id text not null,
  operator_id text not null, state text not null, valid_from timestamptz not null, valid_to timestamptz,
  revoked_from timestamptz, reason text, position bigint not null
);
create index on readmodel.account (org_id);
create index on readmodel.account (operator_id);
-- What an account has, and from when it has it no more.
create table readmodel.account_item (
  account_id uuid, item_id text, until timestamptz, primary key (account_id, item_id)
);
create index on readmodel.account_item (item_id);
create table readmodel.account_facet (
  account_id uuid, facet text, until timestamptz, primary key (account_id, facet)
);
reset role;
