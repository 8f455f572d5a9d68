-- Whom to forget: everything of theirs from before then, as soon as nothing is at work on it.

CREATE TABLE forgotten (
    member TEXT NOT NULL PRIMARY KEY,
    before BIGINT NOT NULL
);

-- For how many days a chat keeps its words and pictures; null as long as Easel itself.
ALTER TABLE chats ADD COLUMN keep_days BIGINT;

-- Everything of one person, over all chats.
CREATE INDEX jobs_person ON jobs (member, seq);

-- 1: the words and pictures of this job are gone, its facts and its money are not.
ALTER TABLE jobs ADD COLUMN forgotten SMALLINT NOT NULL DEFAULT 0;
