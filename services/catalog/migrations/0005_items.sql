-- Figures of items against their baseline, what is online, what is on the departments' lists.
set role :owner;
create table readmodel.item_baseline (
  item_id text, version int, figures jsonb not null, taken_on date, reason text, primary key (item_id, version)
);
create table readmodel.item_process (
  item_id text, town_id text not null default '', version int not null, figures jsonb not null,
  primary key (item_id, town_id)
);
create table readmodel.item_breach (
  position bigint primary key, item_id text not null, town_id text, before jsonb not null, after jsonb not null
);
create table readmodel.item_online (item_id text primary key, status text not null, exemption_reason text);
create table readmodel.power_list (
  org_id text not null, item_id text, status text not null, since date, primary key (item_id, since)
);
reset role;
