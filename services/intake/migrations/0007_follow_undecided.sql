-- Which requests have no decision yet, since when, and by which event the router was asked. A table of its own, because an
-- index by state would be touched by each of a request's moves (0003). Triggers keep it, so that it is right whichever
-- version of intake moves a request. `question` is the event of a refusal or of a person's choice: the outbox lets go of
-- it after two days; where it is null, the request itself is the question. `announced_at` is when it was announced again.
CREATE TABLE intake.undecided (
    request_id   uuid PRIMARY KEY,
    since        timestamptz NOT NULL,
    question     json,
    announced_at timestamptz
) WITH (autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX undecided_since ON intake.undecided (since, request_id);

CREATE FUNCTION intake.begin_undecided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO intake.undecided (request_id, since) SELECT request_id, accepted_at FROM kept WHERE state = 'accepted';
    RETURN NULL;
END $$;

CREATE FUNCTION intake.move_undecided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'accepted' THEN
        INSERT INTO intake.undecided (request_id, since) VALUES (NEW.request_id, NEW.changed_at) ON CONFLICT DO NOTHING;
    ELSE
        DELETE FROM intake.undecided WHERE request_id = NEW.request_id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER begin_undecided AFTER INSERT ON intake.requests REFERENCING NEW TABLE AS kept
    FOR EACH STATEMENT EXECUTE FUNCTION intake.begin_undecided();
-- Only where a request leaves this state or comes back to it; its other moves cost nothing here.
CREATE TRIGGER move_undecided AFTER UPDATE ON intake.requests FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state AND 'accepted' IN (OLD.state, NEW.state))
    EXECUTE FUNCTION intake.move_undecided();
