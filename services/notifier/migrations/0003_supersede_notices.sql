-- A notice that a later one makes needless ends as superseded. Whoever runs beside this with the old list makes none of these.
ALTER TABLE notifier.notices DROP CONSTRAINT notices_state_check;
ALTER TABLE notifier.notices ADD CONSTRAINT notices_state_check
    CHECK (state IN ('planned', 'sending', 'sent', 'failed', 'indeterminate', 'superseded')) NOT VALID;
ALTER TABLE notifier.notices VALIDATE CONSTRAINT notices_state_check;
