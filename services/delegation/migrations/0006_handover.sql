-- Hand-over, resources, papers and rules of the towns; fed by delegation's own facts.
set role :owner;
create table readmodel.handover_line (
  handover_id uuid not null, subject_id uuid not null, line int not null, given_by_org_id text not null,
  given_on date not null, quantity int, numbers text, confirmed_by_org_id text, confirmed_on date,
  position bigint not null, primary key (handover_id, line)
);
create index on readmodel.handover_line (subject_id);
create table readmodel.resource (
  programme_id text not null, department_id text not null, town_id text not null, kind text not null,
  description text not null, provided_on date not null, position bigint primary key
);
create index on readmodel.resource (programme_id, town_id);
create table readmodel.town_paper (
  programme_id text not null, town_id text not null, kind text not null, version int, item_ids text[] not null,
  file_ref text not null, recipient_org_id text not null, filed_on date not null, position bigint primary key
);
create index on readmodel.town_paper (programme_id, town_id);
create table readmodel.centre_rule (
  programme_id text not null, centre_id text not null, kind text not null, version int not null,
  in_force_from date not null, position bigint not null, primary key (programme_id, centre_id, kind, version)
);
reset role;
