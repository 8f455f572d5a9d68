-- Several processes on one database: who sends a job's message, who serves an event, and pictures for all of them.
-- `announcer` and `keeper` are numbers of processes; those of dead ones mean nothing.

ALTER TABLE jobs ADD COLUMN announcer BIGINT;
ALTER TABLE inbox ADD COLUMN keeper BIGINT;

CREATE TABLE picture_parts (
    picture TEXT NOT NULL REFERENCES pictures (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (picture, seq)
);
