-- Those that were undecided before the triggers of 0007. Locked while they are copied, so that none is decided meanwhile
-- and then left here.
INSERT INTO intake.undecided (request_id, since)
SELECT request_id, changed_at FROM intake.requests WHERE state = 'accepted' FOR SHARE
ON CONFLICT DO NOTHING;
