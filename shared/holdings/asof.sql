-- Who held what when stays a short index scan, however many grants there are: one index for each way of asking.
set role :owner;
drop index readmodel.holding_item_id_town_id_facet_idx;
drop index readmodel.holding_grant_id_idx;
drop index readmodel.holding_org_id_idx;
create index holding_of_power on readmodel.holding (item_id, town_id, facet, effective_from);
create index holding_of_organ on readmodel.holding (org_id, opened_by, nth)
  include (written_by, effective_from, effective_to, known_from, known_to);  -- a page is found in order, and in here alone
create index holding_of_grant on readmodel.holding (grant_id) where superseded_by is null;
create index holding_exclusive on readmodel.holding (item_id) where exclusive;
create index item_of_department on readmodel.item (granting_org_id);

-- Who supervises the trade, as the catalogue told it one after another; fed by catalog's facts alone.
create table readmodel.supervisor (
  item_id text, position bigint, org_id text not null, since timestamptz not null, recorded_at timestamptz not null,
  primary key (item_id, position)
);
create index supervisor_of_trades on readmodel.supervisor (org_id);
insert into readmodel.supervisor
  select item_id, position, supervising_org_id, '-infinity', recorded_at from readmodel.item where supervising_org_id <> '';
reset role;
