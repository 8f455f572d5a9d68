"""The menu of commands, in every language: written only where it differs, or Telegram locks the bot out."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from telegram import Bot, BotCommand
from telegram.error import TelegramError

from bot.command import Command
from bot.i18n import FALLBACK, Words
from bot.ports import Door

log = logging.getLogger(__name__)

_CODE, _DESCRIPTION = 2, 256


async def offer(bot: Bot, door: Door) -> None:
    """Make Telegram's menus say what there is; a failure costs the menu only."""
    for code, wanted in menus(door.commands, door.words).items():
        try:
            if await bot.get_my_commands(language_code=code) != wanted:
                await bot.set_my_commands(wanted, language_code=code)
        except TelegramError as error:
            log.warning("Telegram's menu of commands (%s) could not be set: %s", code or "all", error.message)


def menus(commands: Sequence[Command], words: Words) -> dict[str | None, tuple[BotCommand, ...]]:
    """A menu for everybody, and one for each language that has a code of two letters, as Telegram wants."""
    codes: dict[str | None, str] = {None: FALLBACK}
    for tag in words.languages:
        code = tag.split("-", maxsplit=1)[0].lower()
        if len(code) == _CODE and tag != FALLBACK:
            codes.setdefault(code, tag)  # of several Chinese ones the first
    offered = [command.name for command in commands if not command.hidden]
    return {
        code: tuple(BotCommand(name, words.say(tag, f"command-{name}")[:_DESCRIPTION]) for name in offered)
        for code, tag in codes.items()
    }
