"""The canvas of each jam: painted from the jam as it is, at the platform's pace; deleted, it is sent anew.

Everything here may be repeated, by another process too. What is written down wins; the canvas only shows it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from bot import jam as rules
from bot import jam_view as view
from bot import media
from bot.errors import (
    BadPicture,
    EaselError,
    Flooded,
    Gone,
    NotDelivered,
    NotFound,
    PlatformError,
    StorageError,
)
from bot.i18n import Words
from bot.jam import Change, Jam, Order, Stage
from bot.model import Amount, AuditEntry, Endpoint, ImageRequest, Picture, PictureId, Post, Reply, Source, now
from bot.policy import Policy
from bot.ports import Adapter, Store, Upstream
from bot.presenter import Pace, preview

log = logging.getLogger(__name__)

LOOK_AHEAD = timedelta(seconds=5)
"""How far ahead those look who look after jams. What wants them sooner knocks."""

_PAUSE, _LONGEST, _TRIES = 0.5, 30.0, 20
_SHEET = 10
_FAREWELL = 2.0


class Canvases:
    """Shows jams. ``knock`` is set when one wants to be looked at before its time."""

    def __init__(
        self,
        store: Store,
        upstream: Upstream,
        adapters: Mapping[str, Adapter],
        words: Words,
        policy: Policy,
        pace: Pace,
    ) -> None:
        self._store, self._upstream, self._adapters = store, upstream, adapters
        self._words, self._policy, self._pace = words, policy, pace
        self._wanted: set[str] = set()
        self._painters: dict[str, asyncio.Task[None]] = {}
        self._painted: dict[str, int] = {}
        self._stopped = False
        self.knock = asyncio.Event()

    async def change(self, jam: str, event: str, change: Change, *, audit: AuditEntry | None = None) -> Jam:
        """Write down what somebody did, and have it shown. Raises what the rules raise."""
        after = await self._store.change_jam(jam, lambda now: rules.heard(now, event, change), audit=audit)
        if after is None:
            raise NotFound("error-jam-none-here")
        self.show(jam)
        if after.due and after.due <= now() + LOOK_AHEAD:
            self.knock.set()
        return after

    async def quote(self, jam: Jam) -> tuple[Amount, int]:
        """What the next Go will cost at most, and how many pictures it is for. Raises `NotAllowed`."""
        endpoint = self._policy.payer(await self._store.chat(jam.chat.home))
        request = self.request(jam, endpoint)
        return self._upstream.estimate(endpoint, request), request.n

    def request(self, jam: Jam, endpoint: Endpoint, order: Order | None = None) -> ImageRequest:
        """An order as the image API will read it; without one, what a Go would order now."""
        profile = self._upstream.profile(endpoint, jam.look.model)
        several = max(1, min(rules.VARIATIONS, profile.n)) if jam.rounds else 1
        base = order.base if order else jam.pictures[jam.winner - 1] if jam.rounds else None
        return replace(
            jam.look,
            prompt=order.prompt if order else jam.prompt,
            n=order.n if order else several,
            images=(Source(f"picture:{base}"),) if base and profile.images else (),
        )

    def show(self, jam: str) -> None:
        """Have the canvas repainted, soon."""
        self._wanted.add(jam)
        if jam not in self._painters and not self._stopped:
            self._painters[jam] = asyncio.create_task(self._paint(jam), name=f"canvas of {jam}")

    async def stop(self) -> None:
        """Let go of every brush; none is taken up any more."""
        self._stopped = True
        painters = list(self._painters.values())
        for painter in painters:
            painter.cancel()
        if painters:
            await asyncio.wait(painters, timeout=_FAREWELL)

    async def _paint(self, jam: str) -> None:
        stumbles = 0
        try:
            while jam in self._wanted and not self._stopped:
                self._wanted.discard(jam)
                try:
                    pause = await self._painted_now(jam)
                    stumbles = 0
                except (NotDelivered, StorageError) as trouble:
                    stumbles += 1
                    log.info("the canvas of jam %s was not shown: %s", jam, trouble)
                    if stumbles < _TRIES:
                        self._wanted.add(jam)
                    pause = min(_PAUSE * 2**stumbles, _LONGEST)
                await asyncio.sleep(pause)
        except PlatformError as error:
            log.warning("the canvas of jam %s can't be shown: %s", jam, error)
        except Exception:
            log.exception("the canvas of jam %s", jam)
        finally:
            self._painters.pop(jam, None)
            self._wanted.discard(jam)

    async def _painted_now(self, name: str) -> float:
        """Show the jam as it is; seconds until the canvas may be touched again."""
        jam = await self._store.jam(name)
        if jam is None or jam.told or self._painted.get(name) == jam.version:
            return 0.0
        adapter, pace = self._adapters[jam.chat.platform], self._pace
        wait = pace.wait(jam.chat)
        settled = jam.stage is Stage.OVER or rules.misplaced(jam)
        if not wait and not settled and not pace.room(jam.chat, adapter.limits.edits_per_minute):
            wait = adapter.limits.edit_every
        if wait:
            self._wanted.add(name)
            return wait
        try:
            await self._put(jam)
        except Flooded as flood:
            self._wanted.add(name)
            pace.close(jam.chat, flood.seconds)
            return float(flood.seconds)
        except Gone:
            if jam.post is not None:
                post = jam.post
                await self.change(name, "", lambda jam: rules.lost(jam, post))
        return adapter.limits.edit_every

    async def _put(self, jam: Jam) -> None:
        if jam.stage is Stage.OVER:
            await self._close(jam)
        elif rules.misplaced(jam):
            await self.place(jam)
        elif jam.post:
            adapter = self._adapters[jam.chat.platform]
            await self._keep(jam, await adapter.edit(jam.post, await self._canvas(jam)))
            self._painted[jam.id] = jam.version

    async def _keep(self, jam: Jam, post: Post) -> None:
        """How the canvas is to be reached from now on."""
        if jam.post and (post.id, post.grip) != (jam.post.id, jam.post.grip):
            await self._store.change_jam(jam.id, lambda jam: rules.placed(jam, post, jam.shown))

    async def place(self, jam: Jam, origin: Post | None = None) -> None:
        """Send the canvas, as the latest message; the one before says that it goes on below."""
        until = now() + rules.SENDING
        claim = await self._store.change_jam(jam.id, lambda jam: rules.claimed(jam, until, now()))
        if claim is None or claim.claimed != until:
            self.show(jam.id)  # should whoever has it be dead, it is free again in a moment
            return
        try:
            post = await self._sent(jam, origin)
        except PlatformError:
            await self._store.change_jam(jam.id, lambda jam: replace(jam, claimed=None))
            raise
        after = await self._store.change_jam(jam.id, lambda now: rules.placed(now, post, jam.round))
        if after and after.version == claim.version + 1:
            self._painted[jam.id] = after.version
        else:
            self.show(jam.id)
        if jam.post and jam.post != post:
            await self._retire(jam, jam.post)

    async def _sent(self, jam: Jam, origin: Post | None) -> Post:
        adapter = self._adapters[jam.chat.platform]
        if origin is None and jam.rounds and (job := await self._store.job(jam.rounds[-1].job)):
            origin = job.post
        key = "" if origin and origin.grip else f"jam-{jam.id}-{jam.round}-{jam.losses}"
        quiet = (await self._store.chat(jam.chat.home)).rules.quiet
        reply = replace(await self._canvas(jam), quiet=quiet)
        return await adapter.send(jam.chat, reply, origin=origin, key=key)

    async def _retire(self, jam: Jam, post: Post) -> None:
        adapter = self._adapters[jam.chat.platform]
        limits = adapter.limits
        record = view.fitted(limits, limits.text, lambda most: view.record(self._words, jam, jam.shown, most))
        with suppress(PlatformError):
            await adapter.edit(post, record)

    async def _canvas(self, jam: Jam) -> Reply:
        price = None
        with suppress(EaselError):
            price, _ = await self.quote(jam)
        limits = self._adapters[jam.chat.platform].limits
        replies = limits.replies
        return view.fitted(
            limits, limits.text, lambda most: view.canvas(self._words, jam, most, price, replies=replies)
        )

    async def _close(self, jam: Jam) -> None:
        """The canvas becomes the album: an edit, so that it may be repeated."""
        adapter = self._adapters[jam.chat.platform]
        limits, shown = adapter.limits, await self._album(jam, adapter.limits.pictures)
        album = view.fitted(
            limits,
            limits.caption if shown else limits.text,
            lambda most: view.album(self._words, jam, most, shown),
        )
        rules_here = (await self._store.chat(jam.chat.home)).rules
        reply = replace(
            album,
            veiled=bool(shown) and rules_here.veils((jam.chat.room, jam.within)),
            quiet=rules_here.quiet,
        )
        try:
            if jam.post:
                await adapter.edit(jam.post, reply)
            else:
                await adapter.send(jam.chat, reply, key=f"jam-{jam.id}-over-{jam.losses}")
        finally:
            for picture in shown:
                if picture.path.parent == self._store.spool:
                    picture.path.unlink(missing_ok=True)
        await self._store.change_jam(jam.id, lambda jam: replace(jam, told=True, due=None))

    async def _album(self, jam: Jam, most: int) -> list[Picture]:
        """Each round's winner, of very many the latest; on one sheet where a message shows fewer."""
        winners = [one.pictures[max(1, one.winner) - 1] for one in jam.rounds][-_SHEET:]
        kept = [picture for name in winners if (picture := await self._store.picture(name))]
        if len(kept) <= most:
            return kept
        try:
            sheet = await media.contact_sheet([one.path for one in kept], self._store.spool)
            return [await preview(sheet)]
        except (BadPicture, OSError) as error:
            log.warning("the album of jam %s has no sheet: %s", jam.id, error)
            return kept[-1:]

    async def pictures(self, jam: Jam) -> list[Picture]:
        """All pictures of the evening that are still kept."""
        names: list[PictureId] = [name for one in jam.rounds for name in one.pictures]
        return [picture for name in names if (picture := await self._store.picture(name))]
