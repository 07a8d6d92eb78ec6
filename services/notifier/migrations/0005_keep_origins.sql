-- Who handed the request in, and its own number for it: what came of a notice is announced with both.
ALTER TABLE notifier.notices ADD COLUMN origin text, ADD COLUMN origin_number text;
