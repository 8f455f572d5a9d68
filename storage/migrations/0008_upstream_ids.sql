-- An order found in a relay's own list belongs to one job only.

CREATE INDEX jobs_upstream ON jobs (upstream_id) WHERE upstream_id <> '';
