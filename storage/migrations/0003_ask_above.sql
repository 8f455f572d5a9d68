-- From which price on a chat is asked before anything is spent; null for the usual one, negative for never.

ALTER TABLE chats ADD COLUMN ask_above BIGINT;
