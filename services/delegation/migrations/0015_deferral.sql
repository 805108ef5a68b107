-- R035: what was consented to runs on while a renewal is only proposed.
set role :owner;
alter table readmodel.claim add column deferred_until date;
update readmodel.claim set deferred_until = expected_on where state = 'deferred';
reset role;
