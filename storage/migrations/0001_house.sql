-- The house as it was built. Types and words are those that SQLite and PostgreSQL share.
-- Amounts are millionths of a unit, moments are microseconds since 1970 (UTC), lists are JSON.

CREATE TABLE chats (
    home TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    language TEXT NOT NULL,
    size TEXT NOT NULL,
    quality TEXT NOT NULL,
    n BIGINT,
    model TEXT NOT NULL,
    reply_edits SMALLINT,
    access TEXT NOT NULL,
    key_dialect TEXT,
    key_urls TEXT,
    key_sealed BYTEA,
    key_hint TEXT,
    key_model TEXT,
    key_owner TEXT
);

-- One accepted request. `home` is the first two parts of `chat`, `seq` the order of arrival.
CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL UNIQUE,
    home TEXT NOT NULL,
    chat TEXT NOT NULL,
    member TEXT NOT NULL,
    member_name TEXT NOT NULL,
    member_language TEXT,
    invocation TEXT NOT NULL,
    request TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('queued', 'running', 'delivering', 'done', 'failed', 'cancelled', 'unknown')),
    attempt BIGINT NOT NULL,
    submitted SMALLINT NOT NULL,
    upstream_id TEXT NOT NULL,
    hold BIGINT NOT NULL CHECK (hold >= 0),
    cost BIGINT,
    missing BIGINT NOT NULL,
    note TEXT NOT NULL,
    post_chat TEXT,
    post_id TEXT,
    post_grip TEXT,
    origin_chat TEXT,
    origin_id TEXT,
    origin_grip TEXT,
    fault TEXT,
    parent TEXT,
    once TEXT NOT NULL,
    created BIGINT NOT NULL,
    started BIGINT,
    finished BIGINT
);

-- An event that is delivered again makes no second job; neither does an intention that is under way.
CREATE UNIQUE INDEX jobs_invocation ON jobs (invocation, member) WHERE invocation <> '';
CREATE UNIQUE INDEX jobs_once ON jobs (once)
    WHERE once <> '' AND state IN ('queued', 'running', 'delivering', 'unknown');

-- It holds open jobs alone, so that admission costs the same after a million finished ones. `state`
-- comes first because SQLite would else take an index of everything for as good.
CREATE INDEX jobs_open ON jobs (state, home, member, seq)
    WHERE state IN ('queued', 'running', 'delivering', 'unknown');

CREATE INDEX jobs_home ON jobs (home, seq);
CREATE INDEX jobs_member ON jobs (home, member, seq);
CREATE INDEX jobs_post ON jobs (post_chat, post_id) WHERE post_id IS NOT NULL;

-- Files among the pictures, named by id and type; `seq` in job_pictures is the order to show them in.
CREATE TABLE pictures (
    id TEXT NOT NULL PRIMARY KEY,
    mime TEXT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX pictures_created ON pictures (created);

CREATE TABLE job_pictures (
    job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    picture TEXT NOT NULL REFERENCES pictures (id) ON DELETE CASCADE,
    PRIMARY KEY (job, seq)
);
CREATE INDEX job_pictures_picture ON job_pictures (picture);

-- What happened to money; rows are added, never changed. `day` is the day of the hold, in all rows of a job.
CREATE TABLE ledger (
    job TEXT NOT NULL,
    account TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('grant', 'hold', 'settle', 'release')),
    amount BIGINT NOT NULL CHECK (amount >= 0),
    day TEXT NOT NULL,
    booked BIGINT NOT NULL,
    PRIMARY KEY (job, account, kind)
);

-- The ledger's sums, per account and period: 'day:2026-11-21', 'month:2026-11'.
CREATE TABLE purse (
    account TEXT NOT NULL,
    period TEXT NOT NULL,
    settled BIGINT NOT NULL CHECK (settled >= 0),
    held BIGINT NOT NULL CHECK (held >= 0),
    PRIMARY KEY (account, period)
);

-- Who was served when, by a clock that ticks at every admission. Member '' is the chat itself.
CREATE TABLE turns (
    home TEXT NOT NULL,
    member TEXT NOT NULL,
    served BIGINT NOT NULL,
    PRIMARY KEY (home, member)
);
CREATE INDEX turns_served ON turns (served);

CREATE TABLE operators (
    member TEXT NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL
);

-- Forms asked by message, for the answer that may come after a restart.
CREATE TABLE asks (
    chat TEXT NOT NULL,
    message TEXT NOT NULL,
    member TEXT NOT NULL,
    home TEXT NOT NULL,
    form TEXT NOT NULL,
    asked BIGINT NOT NULL,
    PRIMARY KEY (chat, message, member)
);

-- Events that a platform forgets once confirmed. `payload` is sealed, and gone once handled.
CREATE TABLE inbox (
    platform TEXT NOT NULL,
    event TEXT NOT NULL,
    payload BYTEA,
    received BIGINT NOT NULL,
    PRIMARY KEY (platform, event)
);
CREATE INDEX inbox_pending ON inbox (platform, received) WHERE payload IS NOT NULL;
CREATE INDEX inbox_handled ON inbox (received) WHERE payload IS NULL;
