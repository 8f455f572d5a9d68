"""Every command, registered by one line in one list."""

from bot.command import Command, command
from bot.commands.access import approve, claim, deny
from bot.commands.audit import audit
from bot.commands.balance import balance
from bot.commands.block import block, unblock
from bot.commands.caps import caps, grant
from bot.commands.edit import edit
from bot.commands.elsewhere import elsewhere
from bot.commands.help import help_, start
from bot.commands.imagine import imagine
from bot.commands.jam import jam, jamadd, jamalbum, jamend, jamforgo, jamgo, jampick, jamspend, jamvote
from bot.commands.jobs import cancel, jobs, show
from bot.commands.key import key
from bot.commands.pool import pool
from bot.commands.price import price
from bot.commands.result import again, delete, giveup, look, original, retry, revise, vary
from bot.commands.rules import rules
from bot.commands.settings import settings
from bot.commands.setup import setup
from bot.commands.spend import forgo, spend
from bot.commands.usage import usage
from bot.commands.video import remix, video
from bot.commands.welcome import welcome
from bot.commands.why import why
from bot.commands.yours import export, forget, forgetme, remember

COMMANDS: tuple[Command, ...] = (
    command(imagine),
    command(edit, menu=True, asks=True),
    command(video),
    command(remix, asks=True),
    command(jam, asks=True),
    command(price, private=True),
    command(balance, private=True),
    command(caps, private=True),
    command(grant),
    command(pool, asks=True, private=True),
    command(usage, private=True),
    command(jobs, private=True),
    command(show),
    command(cancel, private=True),
    command(settings, private=True),
    command(setup, asks=True, private=True),
    command(key, asks=True, private=True),
    command(why, private=True),
    command(rules, private=True, quiet=True),
    command(block, private=True),
    command(unblock, private=True),
    command(audit, private=True),
    command(help_, private=True),
    command(start, private=True, asks=True),
    command(claim, private=True),
    command(export, private=True),
    command(forget, private=True),
    # Reached by buttons alone:
    command(again, hidden=True),
    command(vary, hidden=True),
    command(revise, hidden=True, asks=True),
    command(original, hidden=True),
    command(delete, hidden=True, quiet=True),
    command(look, hidden=True, quiet=True),
    command(retry, hidden=True),
    command(giveup, hidden=True, quiet=True),
    command(elsewhere, hidden=True),
    command(welcome, hidden=True),
    command(spend, hidden=True),
    command(forgo, hidden=True, quiet=True),
    command(jamadd, hidden=True, asks=True),
    command(jamvote, hidden=True, quiet=True),
    command(jampick, hidden=True, quiet=True),
    command(jamgo, hidden=True, quiet=True),
    command(jamspend, hidden=True, quiet=True),
    command(jamforgo, hidden=True, quiet=True),
    command(jamend, hidden=True, quiet=True),
    command(jamalbum, hidden=True),
    command(approve, hidden=True, quiet=True),
    command(deny, hidden=True, quiet=True),
    command(forgetme, hidden=True, quiet=True),
    command(remember, hidden=True, quiet=True),
)
