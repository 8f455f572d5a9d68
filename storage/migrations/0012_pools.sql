-- Keys that members lend to their chat, each with a cap of its giver's.
CREATE TABLE pool_keys (
    home TEXT NOT NULL,
    member TEXT NOT NULL,
    member_name TEXT NOT NULL,
    dialect TEXT NOT NULL,
    urls TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    hint TEXT NOT NULL,
    model TEXT NOT NULL,
    day BIGINT,
    month BIGINT,
    PRIMARY KEY (home, member)
);

-- How long jobs of a kind took lately, in microseconds: a mean in which the last ones count most.
CREATE TABLE paces (
    kind TEXT NOT NULL PRIMARY KEY,
    took BIGINT NOT NULL,
    jobs BIGINT NOT NULL
);
ALTER TABLE jobs ADD COLUMN kind TEXT NOT NULL DEFAULT '';
