-- How a job is shown where it was asked for, as the chat's rules wanted it then; and whether an admin took it away.
ALTER TABLE jobs ADD COLUMN veiled SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN quiet SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN withdrawn SMALLINT NOT NULL DEFAULT 0;

-- The name by which people mention its member: what follows the @.
ALTER TABLE jobs ADD COLUMN member_handle TEXT NOT NULL DEFAULT '';
