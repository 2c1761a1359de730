-- The role that dashboards read with: it may look, and nothing else. Its password is set beside
-- this file's run, from the generated secrets.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'grafana_reader') THEN
        CREATE ROLE grafana_reader NOLOGIN;
    END IF;
END
$$;
ALTER ROLE grafana_reader SET default_transaction_read_only = on;
-- A dashboard that asks too much must not take the assistant down with it.
ALTER ROLE grafana_reader SET statement_timeout = '15s';
