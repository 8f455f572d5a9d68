-- What a member has open, wherever they asked: admission counts it without looking at anybody else's.

CREATE INDEX jobs_open_member ON jobs (member, state)
    WHERE state IN ('queued', 'running', 'delivering', 'unknown');

-- `due`: admitted and not begun yet. Whoever runs jobs looks for these alone.

ALTER TABLE jobs ADD COLUMN due SMALLINT NOT NULL DEFAULT 0;
CREATE INDEX jobs_due ON jobs (due, seq) WHERE due = 1;
