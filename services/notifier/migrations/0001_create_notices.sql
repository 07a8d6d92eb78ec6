-- Who is told what. One row for each (event, audience, channel, recipient): planning twice finds the row and changes nothing.
-- A citizen's address is nowhere here: `sealed` holds the sealed contact, and `recipient` a pseudonym of the address.
CREATE TABLE notifier.notices (
    notice_id         uuid PRIMARY KEY,
    event_id          uuid NOT NULL,
    request_id        uuid NOT NULL,
    audience          text NOT NULL CHECK (audience IN ('citizen', 'department')),
    kind              text NOT NULL,
    channel           text NOT NULL CHECK (channel IN ('email', 'webhook')),
    recipient         text NOT NULL,
    language          text NOT NULL,
    destination       text NOT NULL,                  -- what must be reachable: the mail relay, or a department's webhook
    address           text,                           -- a department's public mailbox; null for a citizen
    sealed            json,                           -- {field: sealed text}; forgotten when the notice was sent or failed
    facts             json,                           -- what the letter says; forgotten together with it
    directory_version text,
    state             text NOT NULL DEFAULT 'planned'
                      CHECK (state IN ('planned', 'sending', 'sent', 'failed', 'indeterminate')),
    planned_at        timestamptz NOT NULL DEFAULT now(),
    due_at            timestamptz NOT NULL DEFAULT now(),
    attempts          integer NOT NULL DEFAULT 0,
    sender            uuid,                           -- which notifier is sending it
    settled_at        timestamptz,
    message_id        text,
    reason            text,
    CONSTRAINT notices_once UNIQUE (event_id, audience, channel, recipient)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX notices_due ON notifier.notices (destination, due_at) WHERE state = 'planned';
CREATE INDEX notices_sending ON notifier.notices (sender) WHERE state = 'sending';
CREATE INDEX notices_of_request ON notifier.notices (request_id);
CREATE INDEX notices_settled ON notifier.notices (settled_at) WHERE settled_at IS NOT NULL;

-- Where notices go. A destination that is away is left alone for a while, so that it costs its notices no attempts.
CREATE TABLE notifier.destinations (
    destination  text PRIMARY KEY,
    channel      text NOT NULL,
    failures     integer NOT NULL DEFAULT 0,          -- in a row
    paused_until timestamptz,
    gone_reason  text                                 -- it said that it will never take anything again (HTTP 410)
);

-- Which notifiers are alive. What one was sending when it stopped renewing this is of unknown outcome.
CREATE TABLE notifier.senders (
    sender_id   uuid PRIMARY KEY,
    alive_until timestamptz NOT NULL
);

-- How many notices ever were planned, and how many ended in each way. Each connection adds to a row of its own shard, so
-- that the sum is exact and nobody waits for one hot row; counting the notices themselves would read them all.
CREATE TABLE notifier.tallies (
    outcome text NOT NULL,
    shard   smallint NOT NULL,
    notices bigint NOT NULL,
    PRIMARY KEY (outcome, shard)
) WITH (fillfactor = 50);
