-- The relay tells operators for how long the oldest recorded command waits for a position.
set role :owner;
grant select (command_id, received_at) on log.command to :relay;
reset role;
