-- Jams: pictures made together. `state` is all that is not looked for, as JSON; `due`: when one wants a look.

CREATE TABLE jams (
    id TEXT NOT NULL PRIMARY KEY,
    home TEXT NOT NULL,
    chat TEXT NOT NULL,
    host TEXT NOT NULL,
    invocation TEXT NOT NULL,
    stage TEXT NOT NULL CHECK (stage IN ('open', 'painting', 'over')),
    due BIGINT,
    told SMALLINT NOT NULL,
    version BIGINT NOT NULL,
    post_chat TEXT,
    post_id TEXT,
    post_grip TEXT,
    state TEXT NOT NULL,
    created BIGINT NOT NULL
);
CREATE UNIQUE INDEX jams_invocation ON jams (invocation, host) WHERE invocation <> '';

-- One at a time in one place.
CREATE UNIQUE INDEX jams_live ON jams (chat) WHERE stage <> 'over';
CREATE INDEX jams_wanting ON jams (due) WHERE told = 0;

-- Every message that was a jam's canvas; an answer to any of them is meant for the jam.
CREATE TABLE jam_posts (
    chat TEXT NOT NULL,
    message TEXT NOT NULL,
    home TEXT NOT NULL,
    jam TEXT NOT NULL REFERENCES jams (id) ON DELETE CASCADE,
    PRIMARY KEY (chat, message)
);
CREATE INDEX jam_posts_jam ON jam_posts (jam);

-- Who had a part in a picture besides the one who asked for it, as a line to be read.
ALTER TABLE jobs ADD COLUMN credit TEXT NOT NULL DEFAULT '';
