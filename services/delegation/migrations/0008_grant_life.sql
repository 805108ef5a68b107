-- The life of a grant between its decision and its end; fed by delegation's own facts.
set role :owner;
alter table readmodel.granted
  add column transition_started_at timestamptz, add column transition_until date,
  add column transition_result text, add column transition_ended_on date, add column successor_grant_id uuid;
update readmodel.granted set state = 'in_force' where state = 'started';
create table readmodel.handling_body (
  programme_id text not null, town_id text not null, item_id text not null, grant_id uuid not null,
  body_org_id text not null, since date not null, position bigint not null,
  primary key (programme_id, town_id, item_id)
);
create table readmodel.forwarding_mechanism (
  programme_id text not null, town_id text not null, item_id text not null, grant_id uuid not null,
  reviewer_org_id text not null, deputy_org_id text, target_org_id text not null, limits jsonb not null,
  position bigint not null, primary key (programme_id, town_id, item_id)
);
create table readmodel.mode_assessment (
  programme_id text not null, item_id text not null, town_id text not null default '', mode text not null,
  criterion_id text not null, criterion text, answer text not null, reason text not null,
  earlier_modes_rejected jsonb not null, assessed_by_org_id text not null, assessed_at timestamptz not null,
  position bigint not null, primary key (programme_id, item_id, town_id, mode)
);
reset role;
