-- Why a destination takes nothing, and since when, so that readiness and status can say it.
ALTER TABLE notifier.destinations ADD COLUMN away_reason text, ADD COLUMN away_since timestamptz;
