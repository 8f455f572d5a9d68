"""What a command may do: say something, ask something, submit a request."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.asking import Asking
from bot.canvases import Canvases
from bot.command import Command
from bot.credits import Quotas, ask_above, limits, money, supported
from bot.errors import BadInput, CapReached, Flooded, NotAllowed, Unreachable
from bot.i18n import Words
from bot.model import (
    Amount,
    AuditEntry,
    Button,
    Chat,
    ChatId,
    Endpoint,
    Fault,
    File,
    Form,
    ImageRequest,
    Invocation,
    Job,
    JobId,
    Limit,
    Picture,
    Post,
    Reply,
    State,
    Style,
    User,
    new_id,
)
from bot.outlook import kind_of
from bot.policy import Payer, Policy
from bot.ports import Adapter, Link, Store, Submission, Upstream, no_link
from bot.presenter import Presenter
from bot.rules import FREE, Asker, refusal
from bot.security import Vault
from bot.videos import fitted
from bot.views import F, Rows, short, too_large
from bot.written import request_text

log = logging.getLogger(__name__)

_SEARCHED = 200  # of a chat's latest jobs, where not all are for everybody


@dataclass(frozen=True, slots=True)
class Services:
    """All that commands and the engine work with; made once, by the front door."""

    store: Store
    upstream: Upstream
    adapters: Mapping[str, Adapter]
    words: Words
    vault: Vault
    policy: Policy
    presenter: Presenter
    quotas: Quotas
    commands: tuple[Command, ...]
    language: str = ""
    link: Link = no_link
    canvases: Canvases = field(init=False, repr=False)
    asking: Asking = field(init=False, repr=False)
    packing: asyncio.Semaphore = field(init=False, repr=False, default_factory=lambda: asyncio.Semaphore(2))
    """Bounds how many make large files, or charts, at once."""

    def __post_init__(self) -> None:
        canvases = Canvases(
            self.store, self.upstream, self.adapters, self.words, self.policy, self.presenter.pace
        )
        asking = Asking(self.store, self.adapters, self.words, self.policy, self.language)
        object.__setattr__(self, "canvases", canvases)
        object.__setattr__(self, "asking", asking)


class Context:
    """One invocation, in its chat and language. ``house`` holds the rules that are for every chat."""

    def __init__(self, services: Services, invocation: Invocation, chat: Chat, house: Chat) -> None:
        self.services, self.invocation = services, invocation
        self.user = invocation.user
        self.store, self.upstream, self.policy = services.store, services.upstream, services.policy
        self.adapter = services.adapters[invocation.chat.platform]
        self.commands = services.commands
        self.house = house
        self.speak_for(chat)

    def speak_for(self, chat: Chat) -> None:
        """Take over the chat as it is now, its language included."""
        self.chat = chat
        self.language = self.services.words.match(chat.language, self.user.language, self.services.language)

    def say(self, message_id: str, /, **params: str | int | float) -> str:
        """A sentence in the language of this conversation."""
        return self.services.words.say(self.language, message_id, **params)

    async def reply(
        self,
        text: str = "",
        *,
        pictures: tuple[Picture, ...] = (),
        files: tuple[Picture | File, ...] = (),
        buttons: Rows = (),
        private: bool = False,
    ) -> Post:
        """Answer the person."""
        await self.store.at_hand([one for one in (*pictures, *files) if isinstance(one, Picture)])
        rules = self.chat.rules
        veiled = bool(pictures or files) and rules.veils(self.rooms)
        reply = Reply(text, pictures, files, buttons, private, veiled=veiled, quiet=rules.quiet)
        return await answered(self.services, self.invocation, reply)

    def sendable(self, files: Sequence[F]) -> tuple[tuple[F, ...], list[str]]:
        """The files that this place takes byte for byte, and what is to be said of the others."""
        services, most = self.services, self.adapter.limits.file
        return too_large(services.words, self.language, files, most, services.link)

    async def ask(self, form: Form) -> None:
        """Ask the person; the answer arrives as an invocation of ``form.command``."""
        reply = Reply(form.title, form=form, private=True)
        post = await answered(self.services, self.invocation, reply)
        if post.id:
            await self.store.ask(post, self.user.id, form)

    async def job(self, said: str, *, aside: bool = False) -> Job:
        """The job that somebody names in this chat. Raises `NotFound`.

        With ``aside``, to an admin also one that another member is shown alone.
        """
        name = said.split(maxsplit=1)[0].lower() if said.split() else ""
        found = await self.store.job(JobId(name))
        secret = aside and found is not None and found.chat.aside and found.chat.home == self.chat.home
        if found and secret and await self.policy.is_admin(self.invocation):
            return found
        return self.policy.demand_here(self.invocation, found)

    async def pressed(self, job: JobId | None = None) -> Post | None:
        """The message that was pressed, where it may be changed: it shows no jam, and no job but this one.

        A client may press a button that the message does not have.
        """
        post = self.invocation.origin if self.invocation.pressed else None
        if post is None or await self.store.jam_at(post):
            return None
        shown = await self.store.job_at(post)
        return post if shown is None or shown.id == job else None

    # rules

    @property
    def rooms(self) -> tuple[str, ...]:
        """The topic, channel or thread that this happens in, then what it lies in."""
        within = self.invocation.within
        return (self.invocation.chat.room, *([within] if within else ()))

    async def permit(self, *texts: str) -> None:
        """Nothing, where this person may ask for something here in these words. Raises `NotAllowed`."""
        everywhere = self.house.rules
        if everywhere == self.chat.rules == FREE:
            return
        asker = self.asker(admin=False)
        if refusal(everywhere, asker) and not await self.policy.is_operator(self.user):
            raise NotAllowed("error-rules-house")
        asker = self.asker(admin=await self.policy.is_admin(self.invocation))
        if sentence := refusal(self.chat.rules, asker, *texts):
            raise NotAllowed(sentence)

    def asker(self, *, admin: bool) -> Asker:
        """Who asks, in the words of the rules."""
        call = self.invocation
        return Asker(self.user.id, self.user.handle, call.roles, self.rooms, call.nsfw, admin)

    async def _pause(self) -> int:
        """Slow mode: seconds between two requests of this person; none for admins."""
        slow = self.chat.rules.slow
        return 0 if not slow or await self.policy.is_admin(self.invocation) else slow

    # what admins do

    def audit(self, what: str, /, home: ChatId | None = None, **params: str | int) -> AuditEntry:
        """An entry of the audit trail, for a method of the store that writes it down with what it tells of.

        ``what`` is a sentence ``audit-…``: what this person did, here or at another ``home``. Its
        parameters hold no key, and `Amount`s only as ``money``.
        """
        return AuditEntry((home or self.chat.home).home, self.user, Fault(what, params))

    def audit_job(self, what: str, job: Job) -> AuditEntry | None:
        """As `audit`, of what was done to a job; ``None`` to one's own, which is nobody else's business."""
        return None if job.user.id == self.user.id else self.audit(what, name=job.user.name, job=job.id)

    async def audited(self, what: str, /, home: ChatId | None = None, **params: str | int) -> None:
        """Write down what this person just did, where no other transaction can take the entry along."""
        await self.store.audit(self.audit(what, home, **params))

    # submitting

    async def submit(
        self,
        request: ImageRequest,
        *,
        parent: JobId | None = None,
        once: str = "",
        agreed: bool = False,
        sharing: Mapping[User, int] | None = None,
        credit: str = "",
        only_me: bool = False,
        instead: Job | None = None,
    ) -> Job | None:
        """Accept a request: a row and a hold, or neither; then its placeholder. ``None``: they were asked.

        ``once`` names an intention: while a job of that name lives, another is not started. Above the
        chat's limit the person is asked first, unless they ``agreed`` to the price. Where several are
        ``sharing`` the cost, each bears it by their weight; ``credit`` is the line that names them. With
        ``only_me`` nobody else sees what comes of it. ``instead`` of a job whose outcome is unknown: that
        one is given up in the same moment, or not at all.
        Raises what a person should read: `BadInput`, `Refused`.
        """
        await self.permit(request.prompt)
        request = self._styled(request)
        job = replace(self._job(request, parent, once), credit=credit)
        if only_me:
            job = replace(job, chat=await self._aside())
        plans = self._plans(job, await self.payers())
        dearest = max(plan.hold for _, plan in plans)
        if not agreed and 0 <= self._ask_above < dearest:
            await self._ask_price(replace(plans[0][1], hold=dearest), instead)
            return None
        submission = await self._paid(plans, sharing, instead)
        if not submission.fresh and submission.job.invocation != job.invocation:
            raise NotAllowed("error-already-running")
        await self.services.presenter.announce(submission.job, submission)
        return submission.job

    async def _aside(self) -> ChatId:
        if self.invocation.private:
            return self.invocation.chat
        try:
            return await self.adapter.aside(self.invocation.chat, self.user.id)
        except Unreachable:
            raise NotAllowed("error-only-me") from None

    def _plans(self, job: Job, payers: list[Payer]) -> list[tuple[Payer, Job]]:
        """The job as each of these would pay for it. Raises `BadInput` for what the first one can't do."""
        plans: list[tuple[Payer, Job]] = []
        for payer in payers:
            try:
                request = self._looked_at(job.request, payer.endpoint)
            except BadInput:
                if not plans:
                    raise
                continue
            hold = self.upstream.estimate(payer.endpoint, request.composed)
            kind = kind_of(payer.endpoint, request)
            planned = replace(job, request=request, endpoint=payer.endpoint.name, hold=hold, kind=kind)
            plans.append((payer, planned))
        return plans

    async def _paid(
        self, plans: list[tuple[Payer, Job]], sharing: Mapping[User, int] | None, instead: Job | None
    ) -> Submission:
        """Submitted by the first payer whose caps have room. Raises why the first had none: `CapReached`."""
        full: CapReached | None = None
        pause = await self._pause()
        lost = instead.id if instead else None
        audit = self.audit_job("audit-job-given-up", instead) if instead else None
        for payer, job in plans:
            try:
                accounts = self.accounts(payer, sharing)
                return await self.store.submit(job, accounts, pause=pause, instead=lost, audit=audit)
            except CapReached as error:
                full = full or error
        raise full or NotAllowed

    def accounts(self, payer: Payer, sharing: Mapping[User, int] | None = None) -> tuple[Limit, ...]:
        """Where what this person spends here by that key is booked, with the caps that bind it.

        Where several are ``sharing``, theirs stand in the place of this person's.
        """
        roles, quotas = self.invocation.roles, self.services.quotas
        pot, cap = payer.endpoint.name, payer.cap
        return limits(quotas, self.chat, pot, self.user, roles=roles, sharing=sharing, cap=cap)

    @property
    def _ask_above(self) -> Amount:
        return ask_above(self.chat)

    async def _ask_price(self, job: Job, instead: Job | None) -> None:
        """Two buttons. What is asked about is written down with the question, for its asker alone."""
        price = money(job.hold)
        yes = Button(self.say("button-spend", price=price), "spend", style=Style.PRIMARY)
        no = Button(self.say("button-forgo"), "forgo")
        text = self.say("ask-price", price=price)
        words = "" if job.chat.aside else short(job.request.prompt)
        post = await self.reply(f"{text}\n{words}".strip(), buttons=((yes, no),))
        told = {
            "request": request_text(job.request),
            "parent": job.parent or "",
            "only_me": job.chat.aside,
            "instead": instead.id if instead else "",
        }
        question = json.dumps(told)
        await self.store.ask(post, self.user.id, Form(text, "spend", question, ()))

    def _styled(self, request: ImageRequest) -> ImageRequest:
        """In this room's house style, whatever the style was when it was asked for before."""
        style = self.chat.rules.style(self.rooms)
        return replace(request, before=style.before, after=style.after)

    def _looked_at(self, request: ImageRequest, endpoint: Endpoint) -> ImageRequest:
        """The request, if this relay can do it; a video with all that its price depends on. `BadInput`."""
        if request.video:
            return fitted(self.upstream.profile(endpoint, request.model), request)
        if not request.prompt:
            raise BadInput("error-prompt-empty", command=self.invocation.command)
        supported(self.upstream.profile(endpoint, request.model), endpoint, request.composed)
        return request

    def _job(self, request: ImageRequest, parent: JobId | None, once: str) -> Job:
        """Its payer is still open."""
        return Job(
            id=JobId(new_id()),
            chat=self.invocation.chat,
            user=self.user,
            invocation=self.invocation.id,
            request=request,
            endpoint="",
            language=self.language,
            origin=self.invocation.origin,
            parent=parent,
            once=once,
            veiled=self.chat.rules.veils(self.rooms),
            quiet=self.chat.rules.quiet,
        )

    async def endpoint(self) -> Endpoint:
        """Whose key pays before any other."""
        return (await self.payers())[0].endpoint

    async def payers(self) -> list[Payer]:
        """Whose keys may pay, in order; a chat that nobody serves yet asks the operators, once."""
        try:
            return await self.policy.payers(self.chat, self.user)
        except NotAllowed as refusal:
            if refusal.sentence == "error-access-new":
                await self.services.asking.ask(self.invocation, self.chat, self.language)
            raise


async def answered(services: Services, call: Invocation, reply: Reply) -> Post:
    """Say what is no job's: while the platform wants silence in the chat it is not asked, and nothing waits.

    So chatter, however much of it, keeps no window shut that pictures wait for. An answer that hangs on the
    event itself (a press, a slash command) is not the chat's. Raises `PlatformError`.
    """
    pace = services.presenter.pace
    if not (call.origin and call.origin.grip) and (left := pace.wait(call.chat)):
        raise Flooded(left)
    try:
        return await services.adapters[call.chat.platform].send(call.chat, reply, origin=call.origin)
    except Flooded as flood:
        pace.close(call.chat, flood.seconds)
        raise


async def in_sight(
    services: Services, place: ChatId, user: User, *, states: Sequence[State] = (), limit: int
) -> list[Job]:
    """The latest jobs of a chat that somebody in this place may know of, newest first.

    Where rooms are walled those of this room, and the person's own; never what others are shown alone.
    """
    walled = services.adapters[place.platform].limits.walled
    found = await services.store.jobs(place.home, states=states, limit=_SEARCHED)
    return [
        job for job in found if job.user.id == user.id or job.chat == place or not (walled or job.chat.aside)
    ][:limit]
