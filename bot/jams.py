"""Jams at work: what follows from what people do, and what nobody presses for.

Everything here may be repeated, by another process too. An order's job has an event's name of its own,
``jam:<jam>:<order>``, which the store takes once, for good.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from bot import jam as rules
from bot import jam_view as view
from bot.canvases import LOOK_AHEAD
from bot.context import Context, Services
from bot.credits import ask_above
from bot.errors import CapReached, EaselError, PlatformError, StorageError
from bot.jam import Jam, Order, Stage
from bot.model import HOUSE, Fault, Invocation, Job, State, User, now
from bot.patience import outlasting
from bot.views import told

log = logging.getLogger(__name__)

_AGAIN = 1.0  # seconds, where something is under way


async def carry_on(services: Services, jam: Jam) -> None:
    """Hand in what a Go ordered, or see what became of it. Raises what a person should read."""
    order = jam.order if jam.stage is Stage.PAINTING else None
    if order is None:
        return
    if order.job is None:
        await _hand_in(services, jam, order)
    elif job := await services.store.job(order.job):
        await _look(services, jam, order, job)


async def _hand_in(services: Services, jam: Jam, order: Order) -> None:
    chat, house = await services.store.chats(jam.chat.home, HOUSE)
    event = f"jam:{jam.id}:{order.number}"
    invocation = Invocation(
        event,
        jam.chat,
        jam.host,
        "jam",
        origin=jam.post,
        roles=jam.roles,
        within=jam.within,
        nsfw=jam.nsfw,
    )
    context = Context(services, invocation, chat, house)
    context.language = jam.language
    try:
        request = services.canvases.request(jam, await context.endpoint(), order)
        job = await context.submit(
            request,
            agreed=True,
            sharing=_sharing(jam, order),
            credit=view.credit(services.words, jam, order),
        )
    except (StorageError, PlatformError):
        raise
    except EaselError as error:
        refusal = _named(jam, error)
        fault = refusal.fault
        await services.canvases.change(jam.id, "", lambda jam: rules.failed(jam, order.number, fault, now()))
        raise refusal from error
    if job:
        name = job.id
        await services.canvases.change(
            jam.id, "", lambda jam: rules.submitted(jam, order.number, name, now())
        )
        services.canvases.knock.set()


def _named(jam: Jam, error: EaselError) -> EaselError:
    """Everybody reads it, so it says who lacks room and not "you"."""
    if isinstance(error, CapReached) and error.params.get("account") == "member":
        about = {name: error.params[name] for name in ("period", "left", "price")}
        return CapReached("error-jam-host-cap", name=jam.host.name, cost=jam.cost, **about)
    return error


def _sharing(jam: Jam, order: Order) -> dict[User, int] | None:
    """Who bears the cost, in equal parts; ``None``: the host alone."""
    payers = jam.payers(order.authors)
    return {User(user, jam.name(user)): 1 for user in payers} if len(payers) > 1 else None


async def _look(services: Services, jam: Jam, order: Order, job: Job) -> None:
    """Whether the pictures have come, and are where people see them."""
    if job.state.live or job.state is State.UNKNOWN:
        return
    if job.pictures:
        pictures = tuple(picture.id for picture in job.pictures)
        cost = job.cost or 0
        change = lambda jam: rules.painted(jam, order.number, job.id, pictures, cost, now())  # noqa: E731
    else:
        fault = told(job) or Fault("job-cancelled")
        change = lambda jam: rules.failed(jam, order.number, fault, now())  # noqa: E731
    await services.canvases.change(jam.id, "", change)


class Watch:
    """Looks after jams."""

    def __init__(self, services: Services) -> None:
        self._services, self._store, self._canvases = services, services.store, services.canvases

    async def run(self) -> None:
        """Until cancelled: times that are up, orders that nobody hands in, pictures that came."""
        try:
            await self._resume()
            while True:
                self._canvases.knock.clear()
                pause = await self._tend_all()
                # Not `wait_for`, which overlooks that it is cancelled when the knock comes at the same time.
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._canvases.knock.wait()
        finally:
            await self._canvases.stop()

    async def _resume(self) -> None:
        """What an earlier process wrote down may not have been shown by it."""
        for jam in await outlasting(self._store.jams_wanting)():
            self._canvases.show(jam.id)

    async def _tend_all(self) -> float:
        """Those whose time it is. Seconds until the next look: at the next one, or at what another left."""
        with suppress(StorageError):  # which says itself how it is, and is asked again soon
            soon = await self._store.jams_wanting(now() + LOOK_AHEAD)
            at = now()
            wanting = [jam for jam in soon if jam.due and jam.due <= at]
            for jam in wanting:
                await self._tend(jam)
            if not wanting:
                waits = (jam.due - at for jam in soon if jam.due)
                return min(waits, default=LOOK_AHEAD).total_seconds()
        return _AGAIN

    async def _tend(self, jam: Jam) -> None:
        try:
            if jam.stage is Stage.PAINTING:
                await carry_on(self._services, jam)
            elif jam.stage is Stage.OVER:
                self._canvases.show(jam.id)
            elif jam.timer:
                await self._go_by_itself(jam)
            else:
                await self._canvases.change(jam.id, "", lambda jam: rules.end(jam, now()))
        except StorageError:
            raise
        except EaselError as error:
            log.info("jam %s: %s", jam.id, error)
        except Exception:  # one that can't be looked after takes no other along
            log.exception("jam %s", jam.id)

    async def _go_by_itself(self, jam: Jam) -> None:
        try:
            price, n = await self._canvases.quote(jam)
            above = ask_above(await self._store.chat(jam.chat.home))

            def go(jam: Jam) -> Jam:
                late = jam.stage is not Stage.OPEN or not jam.timer
                return (
                    jam if late else rules.go(jam, None, jam.round, now(), price=price, ask_above=above, n=n)
                )

            gone = await self._canvases.change(jam.id, "", go)
        except StorageError:
            raise
        except EaselError as error:
            fault = error.fault
            await self._canvases.change(jam.id, "", lambda jam: rules.stumbled(jam, fault, now()))
        else:
            await carry_on(self._services, gone)
