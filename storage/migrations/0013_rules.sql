-- What a chat's admins decided about who may ask for what, as JSON; empty for no rules.
ALTER TABLE chats ADD COLUMN rules TEXT NOT NULL DEFAULT '';

-- What admins and operators did; rows are added, never changed. `what` is a sentence and its parameters.
CREATE TABLE audit (
    seq BIGINT NOT NULL PRIMARY KEY,
    home TEXT NOT NULL,
    member TEXT NOT NULL,
    member_name TEXT NOT NULL,
    what TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX audit_home ON audit (home, seq);
