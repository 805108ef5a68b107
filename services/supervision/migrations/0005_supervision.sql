-- What supervision knows. Each table is fed by one source alone; questions join them.
set role :owner;

-- Fed by cases.
create table readmodel.accepted_case (
  case_id text primary key, programme_id text not null, item_id text not null, town_id text, mode text,
  accepted_at timestamptz not null, forward_due_at timestamptz,
  left_at timestamptz                  -- forwarded, handed up, withdrawn or linked, whichever came first
);
create index on readmodel.accepted_case (programme_id, forward_due_at);
create index on readmodel.accepted_case (forward_due_at) where left_at is null or left_at >= forward_due_at;
create table readmodel.approval (
  decision_id text primary key, push_id uuid not null unique, case_id text not null, programme_id text not null,
  item_id text not null, town_id text, facet text not null, org_id text not null, grant_id text,
  grant_position bigint, item_position bigint not null, decided_at timestamptz not null
);
create index on readmodel.approval (programme_id);
create index on readmodel.approval (case_id);
create index on readmodel.approval (grant_id);
create index on readmodel.approval (item_id, decided_at);

-- Fed by delegation.
create table readmodel.recall (
  recall_id text primary key, grant_id text not null, effective_from timestamptz not null
);
create index on readmodel.recall (grant_id);

-- Fed by supervision.
create table readmodel.obligation (
  obligation_id uuid primary key, programme_id text not null, task_no text not null, task text not null,
  kind text not null, unit_id text not null, recipients text[] not null, due_at timestamptz, deadline_text text,
  precision text not null, deadlines jsonb not null, source text not null, position bigint not null,
  recorded_at timestamptz not null
);
create index on readmodel.obligation (programme_id, unit_id);
create index on readmodel.obligation (due_at);
create table readmodel.obligation_history (
  position bigint primary key, obligation_id uuid not null, type text not null, fact uuid not null,
  occurred_at timestamptz not null, recorded_at timestamptz not null, data jsonb not null
);
create index on readmodel.obligation_history (obligation_id, position);
create table readmodel.forward_overdue (
  case_id text primary key, stream uuid not null unique, programme_id text not null, org_id text not null,
  due_at timestamptz not null, withdrawn boolean not null
);
create table readmodel.memorandum (
  memo_id uuid primary key, programme_id text not null, town_id text not null, supervising_org_id text not null,
  coordinator_org_id text, signed_on date not null
);
create index on readmodel.memorandum (town_id, supervising_org_id, signed_on);
create table readmodel.boundary (
  memo_id uuid, item_id text, approval_duties text, supervision_duties text, limit_value int, limit_unit text,
  primary key (memo_id, item_id)
);
create table readmodel.supervision_record (
  record_id uuid primary key, push_id uuid not null unique, programme_id text not null, case_id text,
  subject_ref text not null, kind text not null, source_org_id text not null, ref text not null, at timestamptz not null
);
create index on readmodel.supervision_record (programme_id);
create table readmodel.push (
  push_id uuid primary key, sent_at timestamptz, acknowledged_at timestamptz, result text,
  overdue_at timestamptz, withdrawn boolean not null default false
);
create table readmodel.flag (
  decision_id text primary key, programme_id text not null, case_id text not null, ground text not null, grant_id text,
  recall_id text, gap_seconds int, flagged_at timestamptz not null, position bigint not null
);
create table readmodel.notice (
  notice_id uuid primary key, programme_id text not null, kind text not null, day date not null,
  issuer_org_id text, issued_on date
);
create table readmodel.notice_line (
  notice_id uuid, obligation_id uuid, nth int not null, unit_id text not null, task_no text not null, days_late int not null,
  primary key (notice_id, obligation_id)
);
create index on readmodel.notice_line (obligation_id);
reset role;
