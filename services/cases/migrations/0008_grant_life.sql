-- A case loses its grant when the grant ends, or when its sub-item is left out of the grant's scope.
set role :owner;
create table readmodel.scope_change (         -- fed by delegation
  grant_id text, position bigint, effective_from timestamptz not null, scope text[] not null,
  in_flight_policy text, told_at timestamptz not null, primary key (grant_id, position)
);
create view readmodel.case_end as
  select a.case_id, e.ended_from, e.cause, e.in_flight_policy, e.told_at
    from readmodel.application a join readmodel.grant_end e using (grant_id)
  union all select a.case_id, s.effective_from, 'scope_change', s.in_flight_policy, s.told_at
    from readmodel.application a join readmodel.scope_change s using (grant_id)
    where s.scope <> '{}' and (a.subitem is null or a.subitem <> all (s.scope));
reset role;
