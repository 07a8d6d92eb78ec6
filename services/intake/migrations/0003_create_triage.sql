-- A person's choice: whom they chose, what it is about in their eyes, and what the rules would say instead by now.
ALTER TABLE intake.requests ADD COLUMN assigned text, ADD COLUMN service text, ADD COLUMN proposal json;

-- What waits for a person. A table of its own, because an index by state on all requests would be touched by each of their
-- moves, and no update of a request would be a cheap one any more. Ids are in the order of acceptance: the key is the queue.
CREATE TABLE intake.held (
    request_id uuid PRIMARY KEY,
    territory  text NOT NULL,
    desk       text NOT NULL,
    outcome    text NOT NULL,
    reason     text NOT NULL,
    held_at    timestamptz NOT NULL
);

-- Who said "not ours", and why: whoever chooses next must know. `seq` is the order in which it took effect, here and below.
CREATE TABLE intake.refusals (
    seq        bigint GENERATED ALWAYS AS IDENTITY,
    request_id uuid NOT NULL,
    event_id   uuid NOT NULL,
    department text NOT NULL,
    reason     text NOT NULL,
    refused_at timestamptz NOT NULL,
    PRIMARY KEY (request_id, event_id)
);

-- What people chose. Where they changed or added the service, it is an example for the classifier.
CREATE TABLE intake.assignments (
    seq            bigint GENERATED ALWAYS AS IDENTITY,
    request_id     uuid NOT NULL,
    event_id       uuid NOT NULL,
    territory      text NOT NULL,
    language       text NOT NULL,
    department     text NOT NULL,
    service        text NOT NULL,
    service_before text,
    assigned_by    text NOT NULL,
    assigned_at    timestamptz NOT NULL,
    PRIMARY KEY (request_id, event_id)
);

-- Who opened what a citizen wrote, and when. Nothing of it is kept here.
CREATE TABLE intake.openings (
    seq        bigint GENERATED ALWAYS AS IDENTITY,
    request_id uuid NOT NULL,
    opened_by  text NOT NULL,
    opened_at  timestamptz NOT NULL,
    PRIMARY KEY (request_id, seq)
);

INSERT INTO intake.held (request_id, territory, desk, outcome, reason, held_at)
SELECT request_id, accepted ->> 'territory', department, decision ->> 'outcome',
       coalesce(decision -> 'reasons' -> -1 ->> 'code', decision ->> 'outcome'), changed_at
FROM intake.requests WHERE state = 'held';
