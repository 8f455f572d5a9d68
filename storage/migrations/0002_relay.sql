-- Which of the operator's image services a chat chose; empty for the usual one.

ALTER TABLE chats ADD COLUMN relay TEXT NOT NULL DEFAULT '';
