-- What a member has open, wherever they asked: admission counts it without looking at anybody else's.

CREATE INDEX jobs_open_member ON jobs (member, state)
    WHERE state IN ('queued', 'running', 'delivering', 'unknown');
