-- How items are worked: supervisors, standards, guides; fed by catalog's facts alone.
set role :owner;
create table readmodel.item_supervision (
  item_id text primary key, supervising_org_id text not null, content text not null, measures text[] not null,
  since date not null
);
create table readmodel.item_standard (
  item_id text, kind text, version int, issuer_org_id text not null, ref text not null, in_force_from date not null,
  primary key (item_id, kind, version)
);
create table readmodel.service_guide (
  item_id text, town_id text not null default '', version int not null, author_org_id text not null, url text,
  warnings text[] not null, published_at timestamptz not null, primary key (item_id, town_id)
);
reset role;
