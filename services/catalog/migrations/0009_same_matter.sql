-- R012: items that are one matter, as linked; the question looks both ways.
set role :owner;
create table readmodel.same_matter (
  item_id text, other_item_id text, basis text not null, primary key (item_id, other_item_id)
);
create index on readmodel.same_matter (other_item_id);
reset role;
