-- The keys under which contact and description are sealed, wrapped by the master key. To erase a request is to delete
-- its row. Intake writes, router and notifier read, audit has no right to it.
CREATE SCHEMA IF NOT EXISTS vault;

CREATE TABLE vault.request_keys (
    request_id uuid PRIMARY KEY,
    wrapped    bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
