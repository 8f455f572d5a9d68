"""One door in: every event of every platform becomes an answer here, and nothing escapes."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress

from bot.asked import asked
from bot.command import DEFAULT, Command
from bot.commands.elsewhere import draft
from bot.context import Context, Services, answered, in_sight
from bot.errors import EaselError, PlatformError, SealBroken, StorageError
from bot.flags import bind, free_text, with_text
from bot.i18n import Words
from bot.model import HOUSE, Chat, ChatId, Invocation, Job, Post, Reply, State, User
from bot.moves import note_move
from bot.ports import Draft, Inbox, Memory, Store
from bot.security import Vault, looks_like_key
from bot.setup import DIALOGUE
from bot.views import job_card, sentence

log = logging.getLogger(__name__)


class Bot:
    """The core's face towards adapters: fills the `Door` port."""

    def __init__(self, services: Services) -> None:
        self.commands: Sequence[Command] = services.commands
        self.words: Words = services.words
        self._by_name = {command.name: command for command in services.commands}
        self._services = services
        self._store, self._upstream = services.store, services.upstream

    async def handle(self, invocation: Invocation) -> None:
        """Answer one event. Whatever goes wrong becomes a sentence; nothing escapes."""
        context: Context | None = None
        try:
            context = Context(self._services, invocation, *await self._chats(invocation))
            await self._dispatch(context)
        except PlatformError as error:
            log.warning("could not answer %s in %s: %s", invocation.command, invocation.chat, error)
        except EaselError as error:
            await self._excuse(invocation, context, error)
        except Exception:
            log.exception("handling %s in %s failed", invocation.command, invocation.chat)
            await self._excuse(invocation, context, EaselError())

    async def _chats(self, invocation: Invocation) -> tuple[Chat, Chat]:
        """The invocation's own, and the one whose rules are for everybody."""
        chat, house = await self._store.chats(invocation.chat.home, HOUSE)
        if invocation.title and chat.title != invocation.title:
            chat = await self._store.save_chat(chat.home, title=invocation.title)
        return chat, house

    async def _dispatch(self, context: Context) -> None:
        invocation = context.invocation
        said = free_text(self._by_name.get(invocation.command), invocation)
        # What a button carries was typed by nobody, and to take its message away is not for who pressed it.
        if not (invocation.private or invocation.pressed) and looks_like_key(said):
            await self._hide_key(context)
            return
        if not invocation.command:
            meant = await self._meaning(context)
            if meant is None:
                return
            invocation = context.invocation = meant
        command = self._by_name.get(invocation.command)
        if command is None:
            # In a group it is likely meant for another bot.
            if invocation.private:
                await context.reply(context.say("hint-unknown-command"), private=True)
            return
        await command.handler(context, **bind(command, invocation))

    async def _hide_key(self, context: Context) -> None:
        """A key was typed where others read it: take it away where that is allowed, and say so anyway."""
        if context.invocation.origin:
            with suppress(PlatformError):
                await context.adapter.delete(context.invocation.origin)
        await context.reply(context.say("key-typed-in-group"))

    async def _meaning(self, context: Context) -> Invocation | None:
        """What words without a command mean: the answer to a form, or an edit of one of our pictures."""
        invocation, words = context.invocation, context.invocation.text.strip()
        if replied := invocation.replied:
            form = await self._store.asked(replied, invocation.user.id)
            if form and form.fields and words:
                return with_text(invocation, form.command, form.text, **{form.fields[0].name: words})
            jam = await self._store.jam_at(replied) if words else None
            if jam and jam.live:
                return with_text(invocation, "jamadd", jam.id, phrase=words)
            job = await self._store.job_at(replied)
            if job and job.pictures and words and self._edits_by_reply(context):
                return with_text(invocation, "edit", invocation.text)
        if invocation.attachments and words and self._edits_by_reply(context):
            return with_text(invocation, "edit", invocation.text)
        if invocation.private and words and (answer := await self._answer(context, words)):
            return answer
        if invocation.private:
            hint = "hint-picture" if invocation.attachments else "hint-words"
            await context.reply(context.say(hint), private=True)
        return None

    async def _answer(self, context: Context, words: str) -> Invocation | None:
        """In a dialogue, plain words answer the question that is open, whatever they reply to."""
        invocation = context.invocation
        form = await self._store.asked(Post(invocation.chat, DIALOGUE), invocation.user.id)
        if form is None or not form.fields:
            return None
        return with_text(invocation, form.command, "", **{form.fields[0].name: words})

    @staticmethod
    def _edits_by_reply(context: Context) -> bool:
        """As the chat set it; by default in private only: in a group people also just comment."""
        chosen = context.chat.reply_edits
        return context.invocation.private if chosen is None else chosen

    async def _excuse(self, invocation: Invocation, context: Context | None, error: EaselError) -> None:
        language = context.language if context else self.words.match(invocation.user.language)
        text = sentence(self.words, language, error.fault)
        try:
            await answered(self._services, invocation, Reply(text, private=True))
        except Exception as trouble:
            log.warning("could not say %s in %s: %r", error.sentence, invocation.chat, trouble)

    async def suggest(self, chat: ChatId, user: User, option: str, typed: str) -> list[str]:
        """Values for an option as it is typed: dialects, models, recent jobs, or its own suggestions."""
        try:
            found = await self._suggested(chat, user, option)
        except EaselError:
            found = []
        return [value for value in found if typed.lower() in value.lower()][:25]

    async def _suggested(self, chat: ChatId, user: User, option: str) -> list[str]:
        match option:
            case "of" | "job":
                jobs = await in_sight(self._services, chat, user, states=(State.DONE,), limit=25)
                found = [f"{job.id} {job.request.prompt}"[:100] for job in jobs]
            case "dialect":
                found = list(self._upstream.dialects)
            case "model":
                endpoint = self._services.policy.payer(await self._store.chat(chat.home))
                profile = self._upstream.profile(endpoint)
                found = [DEFAULT, *profile.models, *profile.videos]
            case "relay":
                found = [DEFAULT, *self._services.policy.offers.names(chat.home)]
            case _:
                options = (c.option(option) for c in self.commands)
                found = list(next((o.suggestions for o in options if o), ()))
        return found

    async def draft(self, chat: ChatId, user: User, said: str, skip: int = 0) -> Draft:
        call = Invocation("", chat, user, text=said, private=True)
        try:
            return await draft(Context(self._services, call, *await self._chats(call)), skip)
        except EaselError as error:
            log.warning("nothing could be offered to %s: %s", user.id, error)
            return Draft()

    async def language(self, chat: ChatId, user: User) -> str:
        try:
            row = await self._store.chat(chat.home)
        except StorageError:  # whoever asks has something to say, which is more than how
            row = Chat(chat.home)
        return self.words.match(row.language, user.language, self._services.language)

    async def moved(self, old: ChatId, new: ChatId) -> None:
        log.info("chat %s is now %s", old, new)
        vault = self._services.vault

        def reseal(sealed: bytes, giver: str = "") -> bytes:
            before, after = (f"{home}/{giver}" if giver else str(home) for home in (old.home, new.home))
            return vault.seal(vault.open(sealed, before), after)

        await self._store.move_chat(old.home, new.home, reseal)
        await note_move(self._store, old, new)

    async def recall(self, chat: ChatId, limit: int) -> list[Memory]:
        jobs = await self._store.jobs(chat.home, limit=limit)
        shown = (job for job in reversed(jobs) if job.chat == chat and not _deleted(job))
        return [Memory(job.post, job_card(self.words, job), asked(job)) for job in shown if job.post]

    def inbox(self, platform: str) -> Inbox:
        return _SealedInbox(self._store, self._services.vault, platform)

    def turn(self, name: str, *, wait: bool = True) -> AbstractAsyncContextManager[bool]:
        return self._store.turn(name, wait=wait)


def _deleted(job: Job) -> bool:
    """Whether there is nothing to show of it any more."""
    return not (job.state.live or job.pictures or job.request.prompt)


class _SealedInbox:
    """One platform's events in the store, sealed: a message may hold a key."""

    def __init__(self, store: Store, vault: Vault, platform: str) -> None:
        self._store, self._vault, self._platform = store, vault, platform

    async def receive(self, events: Mapping[str, bytes]) -> list[str]:
        sealed = {event: self._vault.seal(raw, f"{self._platform}:{event}") for event, raw in events.items()}
        return await self._store.receive(self._platform, sealed)

    async def pending(self) -> dict[str, bytes]:
        rows = await self._store.pending(self._platform)
        return {event: raw for event, sealed in rows.items() if (raw := await self._opened(event, sealed))}

    async def _opened(self, event: str, sealed: bytes) -> bytes | None:
        """What another SECRET_KEY sealed can't be read by anyone any more: it is let go, and said."""
        try:
            return self._vault.open(sealed, f"{self._platform}:{event}")
        except SealBroken:
            log.error("an event of %s was sealed by another SECRET_KEY and is lost", self._platform)  # noqa: TRY400
            await self.handled(event)
            return None

    async def handled(self, event: str) -> None:
        await self._store.handled(self._platform, event)
