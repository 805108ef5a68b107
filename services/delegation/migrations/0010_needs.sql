-- Needs of the towns and what became of them; fed by delegation's own facts.
set role :owner;
create table readmodel.need (
  need_id uuid primary key, programme_id text not null, town_id text not null, matter text not null,
  power_level text not null, item_id text, raised_on date not null, answer text, reason text, answered_on date,
  batch_id uuid, submitted_on date, due_on date, decision text, decided_by_org_id text, decided_on date,
  position bigint not null
);
create index on readmodel.need (programme_id, town_id);
reset role;
