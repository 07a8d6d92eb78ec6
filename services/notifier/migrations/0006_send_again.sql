-- Letters in doubt are listed and sent again by choice; the ledger keeps when, and who decided it.
ALTER TABLE notifier.notices ADD COLUMN sent_again_at timestamptz, ADD COLUMN sent_again_by text;

CREATE INDEX notices_in_doubt ON notifier.notices (settled_at, notice_id) WHERE state = 'indeterminate';
