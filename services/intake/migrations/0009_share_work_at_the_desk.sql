-- Where it is, as a person at a desk completed it; what was handed in stays as it was.
ALTER TABLE intake.requests ADD COLUMN place json;

-- What people at desks leave each other about a request, sealed under the request's key: it may name somebody.
CREATE TABLE intake.desk_notes (
    seq        bigint GENERATED ALWAYS AS IDENTITY,
    request_id uuid NOT NULL,
    written_by text NOT NULL,
    written_at timestamptz NOT NULL,
    note       text NOT NULL,
    PRIMARY KEY (request_id, seq)
);
