"""The menu of commands, in every language: written only where it differs, or Telegram locks the bot out."""

from __future__ import annotations

import logging

from telegram import Bot, BotCommand
from telegram.error import TelegramError

from bot.i18n import FALLBACK
from bot.ports import Door

log = logging.getLogger(__name__)


async def offer(bot: Bot, door: Door) -> None:
    """Make Telegram's menus say what there is; a failure costs the menu only."""
    for tag in door.words.languages:
        code = None if tag == FALLBACK else tag.split("-", maxsplit=1)[0].lower()
        wanted = tuple(
            BotCommand(command.name, door.words.say(tag, f"command-{command.name}")[:256])
            for command in door.commands
            if not command.hidden
        )
        try:
            if await bot.get_my_commands(language_code=code) != wanted:
                await bot.set_my_commands(wanted, language_code=code)
        except TelegramError as error:
            log.warning("Telegram's menu of commands (%s) could not be set: %s", tag, error.message)
