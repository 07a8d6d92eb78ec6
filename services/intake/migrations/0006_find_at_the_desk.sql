-- What the desk's list is narrowed by stands in the queue itself, so that no filter reads the requests, and who has a request in
-- hand, until it leaves the queue. Lines of whoever runs beside this with the old statements are found by fewer filters.
ALTER TABLE intake.held
    ADD COLUMN service text, ADD COLUMN municipality text, ADD COLUMN guess text, ADD COLUMN accepted_at timestamptz,
    ADD COLUMN taken_by text, ADD COLUMN taken_at timestamptz;

UPDATE intake.held SET
    service = coalesce(requests.service, decision ->> 'service', accepted ->> 'service'),
    municipality = decision -> 'municipality' ->> 'code',
    guess = accepted -> 'reading' -> 'guesses' -> 0 ->> 'service',
    accepted_at = requests.accepted_at
FROM intake.requests WHERE requests.request_id = held.request_id;

-- A reference cannot be turned back into an id. A table of its own, written when a request is first decided: an index on the
-- requests themselves would cost each acceptance, and making it would stop them.
CREATE TABLE intake.request_references (
    reference  text PRIMARY KEY,
    request_id uuid NOT NULL
);
INSERT INTO intake.request_references (reference, request_id)
SELECT accepted ->> 'reference', request_id FROM intake.requests ON CONFLICT DO NOTHING;

-- What a person chose today.
CREATE INDEX assignments_by_person ON intake.assignments (assigned_by, assigned_at);
