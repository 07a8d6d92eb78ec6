-- How many requests each release gave to whom at first, by the hour of their acceptance: what a drift is seen by. A release
-- can be in force again after another one, so the release alone would not tell before from since. No department: held.
-- Rows are written last in a transaction and in the order of the key, so that two processes wait for each other but never
-- in a circle. What is older than two months is deleted by whoever looks.
CREATE TABLE intake.decision_counts (
    territory  text NOT NULL,
    hour       timestamptz NOT NULL,
    release    text NOT NULL,
    department text NOT NULL,
    requests   bigint NOT NULL,
    PRIMARY KEY (territory, hour, release, department)
) WITH (fillfactor = 70);
