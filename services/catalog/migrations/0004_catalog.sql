-- Towns' lists: approved by delegation, published by catalog; and the grants that stand behind them.
set role :owner;
create table readmodel.approved_list (
  programme_id text, town_id text, version int, approved_by_org_id text, decision_ref text, approved_on date,
  reason text, entries jsonb not null, position bigint not null, primary key (programme_id, town_id, version)
);
create table readmodel.published_list (
  programme_id text, town_id text, list_version int, channel text, url text, published_at timestamptz not null,
  primary key (programme_id, town_id, list_version, channel)
);
create table readmodel.town_grant (
  grant_id text primary key, programme_id text not null, town_id text not null, item_id text not null,
  effective_from timestamptz not null, effective_to timestamptz
);
create index on readmodel.town_grant (programme_id, town_id);
reset role;
