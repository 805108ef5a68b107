-- What is on record of an operator: employed or contracted how, and seconded down to which organ.
set role :owner;
create table readmodel.operator_kind (        -- fed by delegation
  programme_id text, operator_id text, position bigint, kind text not null,
  host_org_id text,                           -- of a secondment
  from_day date not null, to_day date, primary key (programme_id, operator_id, position)
);
reset role;
