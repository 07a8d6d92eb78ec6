-- What was handed in, and where it stands. `accepted` is the event as it was published: after a refusal the router needs
-- it again, long after the outbox has let go of it. What is personal in it is sealed.
CREATE TABLE intake.requests (
    request_id        uuid PRIMARY KEY,
    source            text NOT NULL,
    source_id         text,
    fingerprint       bytea NOT NULL,
    token_sha256      bytea NOT NULL,
    event_id          uuid NOT NULL,
    accepted          json NOT NULL,
    directory_version text NOT NULL,
    accepted_at       timestamptz NOT NULL,
    state             text NOT NULL DEFAULT 'accepted',
    changed_at        timestamptz NOT NULL,
    hops              smallint NOT NULL DEFAULT 0,
    refusers          text[] NOT NULL DEFAULT '{}',
    department        text,
    outcome           text,
    cause             uuid NOT NULL,
    decision          json,
    CONSTRAINT requests_state_known
        CHECK (state IN ('accepted', 'routed', 'held', 'acknowledged', 'started', 'resolved'))
) WITH (fillfactor = 70);  -- room for the few changes of state that follow, so that they touch no index

-- One request for each thing that was handed in, whichever door it came by and however often. It is the only index
-- beside the key: a status page's secret contains the request's id, and nothing is searched by state.
CREATE UNIQUE INDEX requests_once ON intake.requests (source, source_id) WHERE source_id IS NOT NULL;

-- What happened after acceptance, in sentences for the person who asked. `seq` is the order in which it took effect here;
-- the times are those of other services' clocks.
CREATE TABLE intake.history (
    seq        bigint GENERATED ALWAYS AS IDENTITY,
    request_id uuid NOT NULL,
    event_id   uuid NOT NULL,
    at         timestamptz NOT NULL,
    kind       text NOT NULL,
    sentence   json NOT NULL,
    PRIMARY KEY (request_id, event_id)
);

-- How many requests are in each state. Each connection adds to a row of its own shard, in the transaction that changes the
-- requests, so that the sum is exact and nobody waits for one hot row.
CREATE TABLE intake.state_counts (
    state    text NOT NULL,
    shard    smallint NOT NULL,
    requests bigint NOT NULL,
    PRIMARY KEY (state, shard)
) WITH (fillfactor = 50);
