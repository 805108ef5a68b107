-- What became of organs: who stands for those that are no more, and whose an item was before; fed by catalog's facts.
set role :owner;
create table readmodel.succession (
  org_id text primary key,             -- closed for ever
  successor_org_id text not null, closed_on date not null, closed_from timestamptz not null,
  recorded_at timestamptz not null, position bigint not null
);
create index on readmodel.succession (successor_org_id);
-- Who stands for an organ at an instant: itself, or who has taken over at last.
create function readmodel.successor(org text, at timestamptz default 'infinity') returns text
language sql stable as $$
  with recursive stands (org_id, nth) as (
    select org, 0
    union all select s.successor_org_id, nth + 1 from stands join readmodel.succession s using (org_id) where s.closed_from <= at)
  select org_id from stands order by nth desc limit 1
$$;
-- The granting departments of an item, one after another; none where it is the department that listed it.
create table readmodel.item_owner (
  item_id text, position bigint, org_id text not null, since timestamptz not null, recorded_at timestamptz not null,
  primary key (item_id, position)
);
create index on readmodel.item_owner (org_id);
reset role;
