"""May this person do this, here, now; and whose key pays for it."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from bot.credits import operators, pooled
from bot.errors import NotAllowed, NotFound, SealBroken, UnknownOutcome
from bot.model import UNCAPPED, Access, Allowance, Chat, Endpoint, Invocation, Job, PoolKey, User, UserId
from bot.offers import Offers
from bot.ports import Adapter, Store
from bot.security import Vault

_TRIES, _WINDOW = 5, 3600.0
_CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class Payer:
    """An endpoint that may pay, and the cap of whoever lent its key."""

    endpoint: Endpoint
    cap: Allowance = UNCAPPED


class Policy:
    """Operators, access and endpoints.

    ``trusted`` are platforms whose people are operators by being there: the playground, which
    only the machine's own user or the holder of its password can open. ``addresses`` are the
    public base URLs of dialects, for a key that comes without one.
    """

    def __init__(
        self,
        store: Store,
        vault: Vault,
        adapters: Mapping[str, Adapter],
        offers: Offers,
        *,
        addresses: Mapping[str, tuple[str, ...]] | None = None,
        open_access: bool = False,
        operators: Iterable[UserId] = (),
        trusted: Iterable[str] = ("web",),
    ) -> None:
        self.offers = offers
        self._store, self._vault, self._adapters = store, vault, adapters
        self._addresses = addresses or {}
        self._open = open_access
        self._named = frozenset(operators)
        self._trusted = frozenset(trusted)
        self._code = ""
        self._wrong: dict[UserId, list[float]] = {}

    # operators

    async def operators(self) -> list[UserId]:
        """Those named in the settings, then those who claimed."""
        return [*self._named, *(u for u in await self._store.operators() if u not in self._named)]

    async def is_operator(self, user: User) -> bool:
        return self._trusts(user) or user.id in await self.operators()

    def _trusts(self, user: User) -> bool:
        return user.id.split(":", 1)[0] in self._trusted

    async def open_claim(self) -> str:
        """A one-time code while there is no operator, else ``""``. Printed at start, never stored."""
        if not await self.operators():
            self._code = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(10))
        return self._code

    async def claim(self, user: User, code: str) -> None:
        """Make this person the operator. Raises `NotAllowed` for a wrong or used code, or too many tries.

        Who is trusted leaves the code to somebody who needs it.
        """
        if self._trusts(user):
            raise NotAllowed("error-claim-playground")
        lately = time.monotonic() - _WINDOW
        self._wrong = {who: tries for who, tries in self._wrong.items() if tries[-1] > lately}
        wrong = [at for at in self._wrong.get(user.id, ()) if at > lately]
        if len(wrong) >= _TRIES:
            raise NotAllowed("error-claim-tries")
        if not self._code or not hmac.compare_digest(self._code.encode(), code.strip().upper().encode()):
            self._wrong[user.id] = [*wrong, time.monotonic()]
            raise NotAllowed("error-claim-wrong" if self._code else "error-claim-closed")
        self._code = ""
        await self._store.add_operator(user.id)

    # people

    async def is_admin(self, invocation: Invocation) -> bool:
        """Whether this person may set this chat up. The operator may everywhere."""
        if invocation.private or invocation.admin:
            return True
        if await self.is_operator(invocation.user):
            return True
        if invocation.admin is not None:
            return False
        return await self._adapters[invocation.chat.platform].is_admin(invocation.chat, invocation.user)

    async def demand_admin(self, invocation: Invocation) -> None:
        if not await self.is_admin(invocation):
            raise NotAllowed("error-admin-only")

    async def demand_owner(self, invocation: Invocation, job: Job) -> None:
        """A job is stopped or deleted by who asked for it, or by an admin of its chat."""
        if job.user.id != invocation.user.id and not await self.is_admin(invocation):
            raise NotAllowed("error-not-yours", name=job.user.name)

    def demand_here(self, invocation: Invocation, job: Job | None) -> Job:
        """A job is seen in the chat that it belongs to; one that was aside, by its asker, in private too."""
        if job is None:
            raise NotFound("error-no-such-job")
        here, own = job.chat.home == invocation.chat.home, job.user.id == invocation.user.id
        if own and (here or (job.chat.aside and invocation.private)):
            return job
        if not here or job.chat.aside:
            raise NotFound("error-no-such-job")
        return job

    # keys

    async def endpoint(self, chat: Chat, user: User) -> Endpoint:
        """Whose key pays for this person here, now. Raises `NotAllowed` when nobody's does."""
        if chat.key or await self._served(chat, user):
            return self.payer(chat)
        if not await self.operators():
            raise NotAllowed("error-no-operator")
        raise NotAllowed(f"error-access-{chat.access}")

    async def _served(self, chat: Chat, user: User) -> bool:
        return self._open or chat.access is Access.ALLOWED or await self.is_operator(user)

    async def endpoint_of(self, job: Job) -> Endpoint:
        """The endpoint that an accepted job runs on.

        When its key was taken away meanwhile, raises `NotAllowed`, or `UnknownOutcome` once the job was
        submitted there.
        """
        if operators(job.endpoint):
            found = self.offers.find(job.endpoint)
        elif pooled(job.endpoint):
            lent = (key for key in await self._store.pool(job.chat.home) if key.name == job.endpoint)
            found = next(map(self.lent, lent), None)
            if found is None and not job.submitted:
                raise NotAllowed("error-pool-gone")
        else:
            chat = await self._store.chat(job.chat.home)
            found = self.payer(chat) if chat.key else None
        if found is None:
            raise UnknownOutcome if job.submitted else NotAllowed("error-key-gone")
        return found

    async def payers(self, chat: Chat, user: User) -> list[Payer]:
        """Whose keys may pay for this person here, now, in the order in which they are tried.

        A key of their own first; then the chat's own or the operator's; then those that others lent, the
        least used of the month before the others. Raises `NotAllowed` when nobody's does.
        """
        pool = await self._store.pool(chat.home)
        others = [key for key in pool if key.giver.id != user.id]
        own = list(self._openable(key for key in pool if key.giver.id == user.id))
        try:
            usual = [Payer(await self.endpoint(chat, user))]
        except NotAllowed:
            if not (own or others):
                raise
            usual = []
        if len(others) > 1:
            used = {one.account: one.month for one in await self._store.standing([k.name for k in others])}
            others.sort(key=lambda key: used[key.name])
        return [*own, *usual, *self._openable(others)]

    def _openable(self, pool: Iterable[PoolKey]) -> Iterator[Payer]:
        """What another SECRET_KEY sealed pays for nobody any more, and is no reason to refuse."""
        for key in pool:
            with suppress(SealBroken):
                yield Payer(self.lent(key), key.cap)

    def lent(self, one: PoolKey) -> Endpoint:
        """The endpoint of a key that a member lent, opened."""
        key = one.key
        secret = self._vault.open(key.sealed, one.about).decode()
        return Endpoint(one.name, key.dialect, key.urls, secret, key.model)

    def payer(self, chat: Chat) -> Endpoint:
        """The chat's own endpoint, its key opened, else the operator's that it chose."""
        key = chat.key
        if key is None:
            return self.offers.chosen(chat)
        secret = self._vault.open(key.sealed, str(chat.home)).decode()
        return Endpoint(str(chat.home), key.dialect, key.urls, secret, key.model)

    def candidate(self, chat: Chat, dialect: str, urls: tuple[str, ...], key: str, model: str) -> Endpoint:
        """An endpoint to try before it is kept; what isn't said is the operator's."""
        operator = self.offers.usual
        dialect = dialect or (operator.dialect if operator.dialect != "sandbox" else "shenfeng")
        usual = operator.urls if dialect == operator.dialect else self._addresses.get(dialect, ())
        return Endpoint(str(chat.home), dialect, urls or usual, key, model)
