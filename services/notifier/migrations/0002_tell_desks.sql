-- Desks are told of the requests that wait for them. Whoever runs beside this with the old list plans none of these.
ALTER TABLE notifier.notices DROP CONSTRAINT notices_audience_check;
ALTER TABLE notifier.notices ADD CONSTRAINT notices_audience_check
    CHECK (audience IN ('citizen', 'department', 'desk')) NOT VALID;
ALTER TABLE notifier.notices VALIDATE CONSTRAINT notices_audience_check;
