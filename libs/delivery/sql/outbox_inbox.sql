-- What does a service keep to lose nothing and to do nothing twice? Applied once for each schema; {schema} is its name.
-- Rows are only ever added; old ones go with their whole partition, so there is nothing for vacuum to catch up with.

CREATE TABLE {schema}.outbox (
    seq        bigint GENERATED ALWAYS AS IDENTITY (CACHE 1),     -- a larger cache would break the order between sessions
    xid        xid8 NOT NULL DEFAULT pg_current_xact_id(),        -- tells the relay when the row became visible
    created_at timestamptz NOT NULL DEFAULT now(),
    event_id   uuid NOT NULL,
    topic      text NOT NULL,
    key        bytea NOT NULL,
    headers    jsonb NOT NULL,                                    -- [[name, value], ...]: our own are always text
    value      bytea NOT NULL
) PARTITION BY RANGE (created_at);

CREATE INDEX outbox_xid_seq ON {schema}.outbox (xid, seq);
CREATE INDEX outbox_seq ON {schema}.outbox (seq);
CREATE TABLE {schema}.outbox_default PARTITION OF {schema}.outbox DEFAULT;

CREATE TABLE {schema}.outbox_relay (
    shard      smallint PRIMARY KEY DEFAULT 0 CHECK (shard = 0),
    epoch      bigint NOT NULL DEFAULT 0,       -- raised by each new leader: an older one's updates then find no row
    cluster    text,                            -- whose transaction ids the snapshots are about
    done       pg_snapshot NOT NULL,            -- everything visible in this was published
    doing      pg_snapshot,                     -- the batch being published: visible in this, not in `done`
    doing_seq  bigint NOT NULL DEFAULT 0        -- and of that, everything up to here was published
);

INSERT INTO {schema}.outbox_relay (done) VALUES (pg_current_snapshot());

-- An event id begins with the time of its request (UUIDv7, UUIDv8), so a range of ids is a range of times.
CREATE TABLE {schema}.inbox (
    event_id uuid PRIMARY KEY
) PARTITION BY RANGE (event_id);

CREATE TABLE {schema}.inbox_default PARTITION OF {schema}.inbox DEFAULT;
