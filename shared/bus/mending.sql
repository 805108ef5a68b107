-- Operators let parked facts be tried again; a service changes only where such a fact stands.
set role :owner;
grant update (stage, error) on bus.parked to :service;
reset role;
