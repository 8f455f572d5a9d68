-- Caps that a chat's admin sets, and money granted by hand on top of caps.

ALTER TABLE chats ADD COLUMN chat_day BIGINT;
ALTER TABLE chats ADD COLUMN chat_month BIGINT;
ALTER TABLE chats ADD COLUMN member_day BIGINT;
ALTER TABLE chats ADD COLUMN member_month BIGINT;

-- By id of the role, a day's, a month's, the role's name: {"81": [2000000, null, "Mods"]}.
ALTER TABLE chats ADD COLUMN role_caps TEXT NOT NULL DEFAULT '{}';

-- A grant has an id of its own in `job`, and in `day` a day or, for the month alone, a month.
ALTER TABLE purse ADD COLUMN granted BIGINT NOT NULL DEFAULT 0 CHECK (granted >= 0);
