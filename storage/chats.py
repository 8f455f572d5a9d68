"""A chat's row, whole in and whole out."""

# ruff: noqa: S608 - what is put into statements here is names of columns

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Chat, ChatId
from storage.rows import chat_of, chat_values, marks
from storage.transaction import Transaction

_COLUMNS = tuple(chat_values(Chat(ChatId(""))))
_SAVE = (
    f"INSERT INTO chats ({', '.join(_COLUMNS)}) VALUES {marks(len(_COLUMNS))} "
    "ON CONFLICT (home) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[1:])
)


async def load(tx: Transaction, home: ChatId) -> Chat:
    """The chat as it is; one that was never saved has Easel's own defaults."""
    (chat,) = await load_each(tx, [home])
    return chat


async def load_each(tx: Transaction, homes: Sequence[ChatId]) -> list[Chat]:
    """Several as `load`, at once, in their order."""
    found = await tx.all(f"SELECT * FROM chats WHERE home IN {marks(len(homes))}", *homes)
    known = {row["home"]: chat_of(row) for row in found}
    return [known.get(home) or Chat(ChatId(home)) for home in homes]


async def save(tx: Transaction, chat: Chat) -> None:
    await tx.all(_SAVE, *chat_values(chat).values())
