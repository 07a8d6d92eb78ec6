-- What a department writes to the person, sealed under the request's key, beside the step it belongs to; and the day by which
-- it expects to be done. Whoever runs beside this with the old statements writes lines without words.
ALTER TABLE intake.history ADD COLUMN note text;
ALTER TABLE intake.requests ADD COLUMN expected date;
