-- The local copy of the catalogue; every table is fed by catalog's facts alone.
set role :owner;
create table readmodel.programme (
  programme_id text primary key, title text not null, jurisdiction_id text not null, issued_on date not null,
  grantor_kind text, settings jsonb not null, position bigint not null
);
create table readmodel.mode (
  programme_id text, mode text, mode_zh text not null, preference int, policy jsonb not null, position bigint not null,
  primary key (programme_id, mode)
);
create table readmodel.recipient (
  programme_id text, town_id text, added_on date, removed_on date, primary key (programme_id, town_id)
);
create table readmodel.organ (
  org_id text primary key, programme_id text not null, name text not null, level text, kind text not null,
  superior_org_id text, jurisdiction_id text not null
);
create table readmodel.alias (
  jurisdiction_id text, alias text, org_id text not null, basis text not null, primary key (jurisdiction_id, alias)
);
create table readmodel.town (
  town_id text primary key, programme_id text not null, name text not null, kind text not null, tier text,
  managing_zone_id text, matching_county_id text, department_id text, department_name text, note text
);
create table readmodel.centre (centre_id text primary key, town_id text not null, name text not null);
create table readmodel.item (
  item_id text primary key, programme_id text not null, seq int not null, code text, name text not null,
  power_type text not null, domain text, power_level text, outcome_kind text,
  granting_org_id text not null, supervising_org_id text, position bigint not null, recorded_at timestamptz not null,
  catalogue_id text not null, field text, mode text, note text
);
create table readmodel.item_scope (
  item_id text primary key, subitems text[] not null, exclusions text[] not null, verb text
);
create table readmodel.legal_constraint (
  item_id text, kind text, norm_rank text not null, article text not null, valid_from date not null, valid_to date,
  position bigint, primary key (item_id, kind, position)
);
-- Every id that may stand for an organ: organs, towns, their centres and departments.
create view readmodel.body as
  select org_id, programme_id, name, level, kind, superior_org_id, jurisdiction_id from readmodel.organ
  union all select t.town_id, t.programme_id, t.name, 'town', t.kind, t.managing_zone_id, p.jurisdiction_id
    from readmodel.town t join readmodel.programme p using (programme_id)
  union all select t.department_id, t.programme_id, t.department_name, 'town', 'town_department', t.town_id, p.jurisdiction_id
    from readmodel.town t join readmodel.programme p using (programme_id) where t.department_id is not null
  union all select c.centre_id, t.programme_id, c.name, 'town', 'service_centre', t.town_id, p.jurisdiction_id
    from readmodel.centre c join readmodel.town t using (town_id) join readmodel.programme p using (programme_id);
create table readmodel.item_limit (
  item_id text, town_id text not null default '', step text, value int not null, unit text not null,
  primary key (item_id, town_id, step)
);
create table readmodel.menu (programme_id text, menu_id text, version int, item_ids text[] not null, primary key (menu_id, version));
create table readmodel.catalogue (programme_id text, catalogue_id text, version int, size int not null, primary key (catalogue_id, version));
reset role;
