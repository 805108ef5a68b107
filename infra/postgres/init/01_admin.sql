-- Runs once, on an empty data folder, as the administrator, whose password comes from the secret
-- file (POSTGRES_PASSWORD_FILE). Databases, roles and tables are made by `fuquan migrate`.
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;
REVOKE CONNECT ON DATABASE template1 FROM PUBLIC;
