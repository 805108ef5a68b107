-- What the proof of competence needs beside the holdings.
set role :owner;
-- Fed by delegation: who granted, and under which agreement; one row per grant or transfer.
create table readmodel.granting (
  grant_id uuid primary key, position bigint not null, transfer boolean not null, decided_by_org_id text,
  agreement_id uuid
);
-- Each fact that says what an agreement covers, and for how long.
create table readmodel.paper (
  position bigint primary key, agreement_id uuid not null, says text not null, item_ids text[],
  since timestamptz, until timestamptz, recorded_at timestamptz not null
);
create index on readmodel.paper (agreement_id);
create index on readmodel.paper (recorded_at);

-- Fed by delegation and cases, apart by their key: which organ exercised a power.
create table readmodel.act (
  source text, position bigint, type text not null, programme_id text not null, case_id uuid, item_id text,
  town_id text, org_id text not null, facet text, at timestamptz not null, recorded_at timestamptz not null,
  primary key (source, position)
);
create index on readmodel.act (org_id);
create index on readmodel.act (recorded_at);
create index on readmodel.act (case_id) where type = 'cases.CaseAccepted';
reset role;
