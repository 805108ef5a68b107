-- Windows, hours, stations, partner sites, bureaus and coordinators; fed by catalog's facts alone.
set role :owner;
create table readmodel.service_window (
  window_id text primary key, programme_id text not null, town_id text not null, centre_id text not null,
  kind text not null, item_ids text[] not null, opened_on date not null, closed_on date
);
create index on readmodel.service_window (town_id);
create table readmodel.opening_hours (centre_id text primary key, slots jsonb not null, extended_slots jsonb not null);
create table readmodel.station (
  station_id text primary key, programme_id text not null, town_id text not null, centre_id text not null,
  name text not null, services text[] not null
);
create table readmodel.channel (
  channel_id text primary key, programme_id text not null, kind text not null, place text not null,
  item_ids text[] not null
);
create table readmodel.bureau (
  org_id text primary key, unit_id text not null, plates text[] not null, established_on date not null, opened_on date
);
create table readmodel.coordinator (programme_id text, org_id text, since date not null, primary key (programme_id, org_id));
-- A station has a name and no power (R210): every id that may stand for an organ, with its kind.
create or replace view readmodel.body as
  select org_id, programme_id, name, level, kind, superior_org_id, jurisdiction_id from readmodel.organ
  union all select t.town_id, t.programme_id, t.name, 'town', t.kind, t.managing_zone_id, p.jurisdiction_id
    from readmodel.town t join readmodel.programme p using (programme_id)
  union all select t.department_id, t.programme_id, t.department_name, 'town', 'town_department', t.town_id, p.jurisdiction_id
    from readmodel.town t join readmodel.programme p using (programme_id) where t.department_id is not null
  union all select c.centre_id, t.programme_id, c.name, 'town', 'service_centre', t.town_id, p.jurisdiction_id
    from readmodel.centre c join readmodel.town t using (town_id) join readmodel.programme p using (programme_id)
  union all select s.station_id, s.programme_id, s.name, 'village', 'service_station', s.town_id, p.jurisdiction_id
    from readmodel.station s join readmodel.programme p using (programme_id);
reset role;
