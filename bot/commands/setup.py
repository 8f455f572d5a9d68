"""``/setup``: everything that a chat needs, in one form or one question after the other.

In a group of Telegram a link leads into the private chat; elsewhere a form is private by itself. What was
said is kept as a draft (the key sealed) until all of it is right, so that nothing is lost by a wrong word, a
restart, or going away. The end is one change of the chat, and a message there.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import replace
from typing import Annotated, Any

from bot.abilities import abilities
from bot.command import Parsed, Rest
from bot.commands.key import taken_away, target_chat, tried
from bot.commands.options import dollars
from bot.commands.settings import chosen_language
from bot.context import Context
from bot.credits import money
from bot.errors import BadInput, EaselError, PlatformError
from bot.model import Amount, Button, Chat, ChatId, Field, Form, Post, Reply, Style
from bot.security import hint as hinted
from bot.security import looks_like_key
from bot.setup import DIALOGUE, Draft, Step, draft_of, draft_text
from bot.views import Rows, sentence

PAYLOAD = "setup_"
"""What a deep link to set a chat up starts with; its place without the platform follows, ``_`` for ``:``."""

_OFF = ("off", "no", "none", "-", "–", "0")
_KEEP, _LEAVE, _BACK, _GUESS, _USUAL, _AGAIN = "keep", "leave", "back", "guess", "usual", "again"
_MONTHS, _SHARES = ("10", "20", "50"), ("2", "5", "10")
_OVER = Form("", "", "", ())


async def setup(
    ctx: Context,
    answer: Annotated[str, Rest(500)] = "",
    relay: Annotated[str | None, Parsed(str.lower)] = None,
    url: Annotated[str | None, Parsed(str)] = None,
    key: Annotated[str | None, Parsed(str)] = None,
    budget: Annotated[str | None, Parsed(str)] = None,
    language: Annotated[str | None, Parsed(str)] = None,
    chat: Annotated[str | None, Parsed(str)] = None,
) -> None:
    """Set this chat up; without anything the form or the first question, else the answer to one."""
    said = {"relay": relay, "url": url, "key": key, "budget": budget, "language": language}
    filled = {name: value for name, value in said.items() if value}
    if answer:
        await _one_answer(ctx, answer)
    elif chat or filled:  # a form that was sent names the chat, whatever was left empty in it
        await _all_at_once(ctx, ChatId(chat) if chat else ctx.invocation.chat, filled)
    else:
        await _open(ctx)


async def _open(ctx: Context) -> None:
    """To where one is asked in private: here, or by a link."""
    target = await target_chat(ctx, None)
    place = ctx.invocation.chat
    link = "" if ctx.invocation.private else ctx.adapter.link(PAYLOAD + place.rest.replace(":", "_"))
    if link:
        button = Button(ctx.say("button-open-private"), url=link)
        await ctx.reply(ctx.say("setup-in-private"), buttons=((button,),))
    elif ctx.adapter.limits.fields > 1:
        await ctx.ask(_form(ctx, target, await _draft(ctx, place) or _begun(target, place)))
    else:
        await begin(ctx, place)


async def begin(ctx: Context, place: ChatId) -> None:
    """Ask one by one, from where it was left the last time. Raises `NotAllowed` for who is no admin there."""
    target = await target_chat(ctx, place.home)
    await _question(ctx, await _draft(ctx, place) or _begun(target, place))


def place_of(ctx: Context, payload: str) -> ChatId:
    """What a deep link's payload names."""
    return ChatId(f"{ctx.invocation.chat.platform}:{payload.removeprefix(PAYLOAD).replace('_', ':')}")


# --- the draft ------------------------------------------------------------------------------


def _begun(target: Chat, place: ChatId) -> Draft:
    budget, share = target.chat_cap.month, target.member_cap.month
    return Draft(place, budget=budget, share=share, language=target.language)


def _where(ctx: Context) -> Post:
    return Post(ctx.invocation.chat, DIALOGUE)


async def _draft(ctx: Context, place: ChatId | None = None) -> Draft | None:
    """What this person has said so far (about that place), if it is not done or left."""
    form = await ctx.store.asked(_where(ctx), ctx.user.id)
    draft = draft_of(form.text) if form and form.text else None
    return draft if draft and place in (None, draft.place) else None


async def _keep(ctx: Context, draft: Draft, *, asking: bool) -> None:
    """Written down; while ``asking``, the person's next plain words in private are the answer."""
    fields = (Field("answer", draft.step),) if asking else ()
    await ctx.store.ask(_where(ctx), ctx.user.id, Form("", "setup", draft_text(draft), fields))


async def _forget(ctx: Context) -> None:
    await ctx.store.ask(_where(ctx), ctx.user.id, _OVER)


# --- all at once ----------------------------------------------------------------------------


def _form(ctx: Context, target: Chat, draft: Draft) -> Form:
    kept = draft.hint or (target.key.hint if target.key else "")
    languages = ctx.services.words.languages
    caps = (draft.budget, draft.share)
    shown = "" if caps == (None, None) else ", ".join("off" if cap is None else money(cap) for cap in caps)
    key = ctx.say("setup-form-key-kept", hint=kept) if kept else ctx.say("setup-form-key")
    dialects = tuple(name for name in ctx.upstream.dialects if name != "sandbox")
    fields = (
        Field("relay", ctx.say("setup-form-relay"), draft.relay, required=False, choices=dialects),
        Field("url", ctx.say("setup-form-url"), draft.url, required=False, max_length=300),
        Field("key", key, required=False, secret=True, max_length=500),
        Field("budget", ctx.say("setup-form-budget"), shown, required=False, max_length=40),
        Field("language", ctx.say("setup-form-language"), draft.language, required=False, choices=languages),
    )
    return Form(ctx.say("setup-title"), "setup", f"--chat {draft.place}", fields)


async def _all_at_once(ctx: Context, place: ChatId, filled: dict[str, str]) -> None:
    """The form as it was sent. Whatever is wrong with it, what was filled in is there again the next time."""
    if "key" in filled:
        await taken_away(ctx)
    target = await target_chat(ctx, place.home)
    draft = await _draft(ctx, place) or _begun(target, place)
    draft = replace(draft, url=filled.get("url", ""), relay=filled.get("relay", ""))
    try:
        if secret := filled.get("key"):
            draft = _with_key(ctx, draft, secret)
        draft = _with_caps(draft, filled.get("budget", ""))
        if said := filled.get("language"):
            draft = _answered(draft, Step.LANGUAGE, language=chosen_language(ctx, said))
        await _finish(ctx, target, draft)
    except EaselError as error:
        await _keep(ctx, draft, asking=False)
        again = Button(ctx.say("button-setup-again"), "setup", _AGAIN, Style.PRIMARY)
        leave = Button(ctx.say("button-setup-leave"), "setup", _LEAVE)
        text = sentence(ctx.services.words, ctx.language, error.fault)
        await ctx.reply(f"{text}\n{ctx.say('setup-kept')}", buttons=((again, leave),), private=True)


def _with_key(ctx: Context, draft: Draft, secret: str) -> Draft:
    sealed = ctx.services.vault.seal(secret, str(draft.place.home))
    written = base64.b64encode(sealed).decode()
    return _answered(draft, Step.KEY, sealed=written, hint=hinted(secret))


def _with_caps(draft: Draft, said: str) -> Draft:
    """``20, 5``: the chat's month, then each member's. Raises `BadInput`."""
    parts = said.replace("，", ",").replace("/", ",").split(",")
    if parts[0].strip():
        draft = _answered(draft, Step.BUDGET, budget=_cap(parts[0]))
    if len(parts) > 1 and parts[1].strip():
        draft = _answered(draft, Step.SHARE, share=_cap(parts[1]))
    return draft


def _cap(said: str) -> Amount | None:
    word = said.strip().lower()
    if word in _OFF:
        return None
    try:
        return dollars(word)
    except ValueError:
        raise BadInput("error-setup-money", value=said.strip()[:40]) from None


def _answered(draft: Draft, answered: Step, **values: Any) -> Draft:
    return replace(draft, said=(*draft.said, answered), **values)


# --- one by one -----------------------------------------------------------------------------


async def _one_answer(ctx: Context, answer: str) -> None:
    """A button, or words: the answer to the question that is open."""
    draft = await _draft(ctx)
    if answer == _LEAVE:
        await _forget(ctx)
        await _said(ctx, ctx.say("setup-left"))
        return
    if draft is None:
        raise BadInput("error-setup-over")
    target = await target_chat(ctx, draft.place.home)
    if answer == _AGAIN:
        await ctx.ask(_form(ctx, target, draft))
        return
    step, _, value = answer.partition(" ")
    if ctx.invocation.pressed and step != draft.step:  # a button of an earlier question
        await _question(ctx, draft)
        return
    try:
        draft = await _taken(ctx, target, draft, value if ctx.invocation.pressed else answer)
    except EaselError as error:
        await _question(ctx, draft, sentence(ctx.services.words, ctx.language, error.fault))
        return
    if draft.step is Step.DONE:
        await _finish(ctx, target, draft)
    else:
        await _question(ctx, draft)


async def _taken(ctx: Context, target: Chat, draft: Draft, said: str) -> Draft:
    """The draft with the answer to its step in it, at the next step. Raises what is wrong with it."""
    said = said.strip()
    if said == _BACK:
        return replace(draft, step=Step.RELAY)
    if said == _KEEP:
        after_key = draft.step in (Step.RELAY, Step.URL, Step.KEY)
        return replace(draft, step=Step.BUDGET if after_key else draft.step.after)
    if looks_like_key(said) and draft.step is not Step.KEY:
        await taken_away(ctx)
        raise BadInput("error-setup-key-early")
    draft = await _filled(ctx, target, draft, said)
    return replace(draft, step=draft.step.after)


async def _filled(ctx: Context, target: Chat, draft: Draft, said: str) -> Draft:
    """The draft with the answer to its step in it."""
    match draft.step:
        case Step.RELAY if said.lower().startswith(("http://", "https://")):
            draft = _answered(draft, Step.URL, step=Step.URL, relay="", url=said[:300])
        case Step.RELAY:
            if said != _GUESS and said.lower() not in ctx.upstream.dialects:
                raise BadInput("error-setup-relay", allowed=", ".join(ctx.upstream.dialects))
            draft = _answered(draft, Step.RELAY, relay="" if said == _GUESS else said.lower(), url="")
        case Step.URL:
            draft = _answered(draft, Step.URL, url="" if said == _USUAL else said[:300])
        case Step.KEY:
            await taken_away(ctx)
            draft = _with_key(ctx, draft, said)
            key = (await _tried(ctx, target, draft))["key"]
            draft = replace(draft, relay=key.dialect)
        case Step.BUDGET:
            draft = _answered(draft, Step.BUDGET, budget=_cap(said))
        case Step.SHARE:
            draft = _answered(draft, Step.SHARE, share=_cap(said))
        case _:
            draft = _answered(draft, Step.LANGUAGE, language=chosen_language(ctx, said))
    return draft


async def _question(ctx: Context, draft: Draft, trouble: str = "") -> None:
    """What is asked next, below what is wrong with the last answer, where something is."""
    await _keep(ctx, draft, asking=True)
    lines = [trouble, ctx.say(f"setup-ask-{draft.step}")]
    if draft.step is Step.BUDGET and draft.has(Step.KEY) and not trouble:
        lines.insert(0, ctx.say("setup-key-works", hint=draft.hint) + " " + _able(ctx, draft))
    await ctx.reply("\n".join(filter(None, lines)), buttons=_choices(ctx, draft), private=True)


def _choices(ctx: Context, draft: Draft) -> Rows:
    """What can be pressed in place of typing. A button carries its step, so that an old one does no harm."""

    def button(label: str, value: str) -> Button:
        return Button(label, "setup", f"{draft.step} {value}")

    offered: list[Button] = []
    match draft.step:
        case Step.RELAY:
            offered = [button(name, name) for name in ctx.upstream.dialects if name != "sandbox"]
            offered.append(button(ctx.say("button-setup-guess"), _GUESS))
        case Step.URL if draft.relay and _usual(ctx, draft):
            offered = [button(ctx.say("button-setup-usual"), _USUAL)]
        case Step.BUDGET | Step.SHARE:
            amounts = _MONTHS if draft.step is Step.BUDGET else _SHARES
            offered = [button(f"${amount}", amount) for amount in amounts]
            offered.append(button(ctx.say("button-setup-no-cap"), "off"))
        case Step.LANGUAGE:
            words = ctx.services.words
            offered = [button(words.say(tag, "language-name"), tag) for tag in words.languages]
    last = [Button(ctx.say("button-setup-leave"), "setup", _LEAVE)]
    if draft.step is not Step.KEY and draft.step is not Step.URL:
        last.insert(0, button(ctx.say("button-setup-keep"), _KEEP))
    else:
        last.insert(0, button(ctx.say("button-setup-back"), _BACK))
    rows = tuple(tuple(offered[at : at + 3]) for at in range(0, len(offered), 3))
    return (*rows, tuple(last))


def _usual(ctx: Context, draft: Draft) -> bool:
    """Whether a dialect has an address that everybody knows."""
    chat = Chat(draft.place.home)
    return bool(ctx.policy.candidate(chat, draft.relay, (), "", "").urls)


async def _said(ctx: Context, text: str) -> None:
    """In the place of the question that was pressed."""
    if post := await ctx.pressed():
        with suppress(PlatformError):
            await ctx.adapter.edit(post, Reply(text, private=True))
            return
    await ctx.reply(text, private=True)


# --- the end --------------------------------------------------------------------------------


async def _tried(ctx: Context, target: Chat, draft: Draft) -> dict[str, Any]:
    """What the key changes in the chat's row, once it was tried without spending; nothing without one."""
    if not draft.sealed:
        return {}
    sealed = base64.b64decode(draft.sealed)
    secret = ctx.services.vault.open(sealed, str(draft.place.home)).decode()
    return {"key": (await tried(ctx, target, secret, draft.relay, draft.url))[0]}


def _able(ctx: Context, draft: Draft) -> str:
    """What this relay can do."""
    dialect = draft.relay or ctx.policy.offers.usual.dialect
    endpoint = ctx.policy.candidate(Chat(draft.place.home), dialect, (), "", "")
    return abilities(ctx.services.words, ctx.language, ctx.upstream.profile(endpoint))


async def _finish(ctx: Context, target: Chat, draft: Draft) -> None:
    """One change of the chat, then a message there that says what is set; the key is in neither."""
    changes = await _tried(ctx, target, draft)
    if not draft.sealed and draft.relay and draft.url:
        raise BadInput("error-setup-key")
    if draft.has(Step.BUDGET):
        changes["chat_cap"] = replace(target.chat_cap, month=draft.budget)
    if draft.has(Step.SHARE):
        changes["member_cap"] = replace(target.member_cap, month=draft.share)
    if draft.has(Step.LANGUAGE):
        changes["language"] = draft.language
    caps = [money(cap) if cap is not None else "–" for cap in (draft.budget, draft.share)]
    hint = draft.hint or "–"
    entry = ctx.audit("audit-setup", target.home, hint=hint, budget=caps[0], share=caps[1])
    chat = await ctx.store.save_chat(target.home, audit=entry, **changes)
    await _forget(ctx)
    told = await _announce(ctx, chat, draft.place if draft.place.home == chat.home else chat.home)
    able = ""
    if chat.key:
        endpoint = ctx.policy.payer(chat)
        able = abilities(ctx.services.words, ctx.language, ctx.upstream.profile(endpoint))
    text = ctx.say("setup-done" if told else "setup-done-untold")
    back = ctx.adapter.link_back(told) if told and ctx.invocation.private else ""
    buttons = ((Button(ctx.say("button-setup-chat"), url=back),),) if back else ()
    await ctx.reply(f"{text}\n{able}".strip(), buttons=buttons, private=True)


async def _announce(ctx: Context, chat: Chat, place: ChatId) -> Post | None:
    """What the chat was told; ``None`` where that could not be."""
    words = ctx.services.words
    language = words.match(chat.language, ctx.user.language, ctx.services.language)
    off = words.say(language, "balance-no-cap")
    caps = [money(cap) if cap is not None else off for cap in (chat.chat_cap.month, chat.member_cap.month)]
    payer = chat.key.hint if chat.key else words.say(language, "balance-operators-key")
    text = words.say(language, "setup-told", name=ctx.user.name, payer=payer, budget=caps[0], share=caps[1])
    try:
        return await ctx.services.adapters[place.platform].send(place, Reply(text))
    except PlatformError:
        return None
