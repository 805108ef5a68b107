-- Roots of full tiles of the mirrored logs (C2SP tlog-tiles), kept as they fill; level 0, the leaves, is the mirror.
set role :owner;
create table readmodel.subtree (
  source text, level int check (level > 0), index bigint, hash bytea not null check (length(hash) = 32),
  primary key (source, level, index)
);
create index on readmodel.approval (case_id);
reset role;
