"""The gateway: hello, identify, heartbeat, dispatch, resume, and the ways in which it ends."""

from __future__ import annotations

import contextlib
import json
import secrets
import zlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.discord.world import Server, World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
GUILDS = 1 << 0


@dataclass(eq=False)
class Session:
    """What a client that comes back can resume."""

    shard: tuple[int, int]
    intents: int
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    sent: list[dict[str, Any]] = field(default_factory=list)
    line: Line | None = None


class Line:
    """One websocket, compressed as the client asked."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket, self._transport = socket, request.transport
        self._zlib = zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None

    async def send(self, op: int, data: Any = None, **more: Any) -> None:
        text = json.dumps({"op": op, "d": data, "s": None, "t": None} | more)
        if self._zlib is None:
            await self.socket.send_str(text)
        else:
            packed = self._zlib.compress(text.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
            await self.socket.send_bytes(packed)

    def cut(self) -> None:
        """The connection dies without a word."""
        if self._transport:
            self._transport.abort()


class Gateway:
    """Sessions, and events to them. ``shards`` is what ``/gateway/bot`` recommends."""

    def __init__(self, world: World, token: str, application: str) -> None:
        self._world, self._token, self._application = world, token, application
        self.shards = 1
        self.url = ""
        self.sessions: list[Session] = []
        self.identified: list[dict[str, Any]] = []
        self.resumed = 0
        self.refuses: int | None = None
        """A close code with which the next identify is answered."""

    @property
    def live(self) -> list[Session]:
        return [session for session in self.sessions if session.line]

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=4096, autoping=True)
        await socket.prepare(request)
        line = Line(socket, request)
        await line.send(HELLO, {"heartbeat_interval": 41_250})
        session: Session | None = None
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                session = await self._hear(line, json.loads(message.data), session)
        finally:
            if session and session.line is line:
                session.line = None
        return socket

    async def _hear(self, line: Line, said: dict[str, Any], session: Session | None) -> Session | None:
        match said["op"]:
            case op if op == HEARTBEAT:
                await line.send(ACK)
            case op if op == IDENTIFY:
                return await self._identify(line, said["d"])
            case op if op == RESUME:
                return await self._resume(line, said["d"])
            case _:
                await line.socket.close(code=4001)
        return session

    async def _identify(self, line: Line, data: dict[str, Any]) -> Session | None:
        self.identified.append(data)
        code, self.refuses = self.refuses, None
        if data["token"] != self._token:
            code = 4004
        elif data["intents"] & PRIVILEGED:
            code = 4014
        if code:
            await line.socket.close(code=code)
            return None
        shard = tuple(data.get("shard", (0, 1)))
        session = Session((shard[0], shard[1]), data["intents"], line=line)
        self.sessions.append(session)
        await self._tell(session, "READY", self._ready(session))
        if session.intents & GUILDS:
            for server in self._world.servers.values():
                await self._tell(session, "GUILD_CREATE", self._created(server))
        return session

    def _ready(self, session: Session) -> dict[str, Any]:
        return {
            "v": 10,
            "user": self._world.bot.json | {"bot": True, "verified": True, "email": None},
            "guilds": [
                {"id": server.id, "unavailable": True}
                for server in self._world.servers.values()
                if server.installed and self._shard(server.id, session.shard[1]) == session.shard[0]
            ],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": list(session.shard),
            "application": {"id": self._application, "flags": 0},
            "session_type": "normal",
            "private_channels": [],
            "user_settings": {},
        }

    def _created(self, server: Server) -> dict[str, Any]:
        """A server as a client with the intent for it is told of it."""
        everyone = {"id": server.id, "name": "@everyone", "position": 0, "color": 0, "flags": 0}
        rights = {"permissions": str(server.roles[server.id]), "hoist": False, "managed": False}
        channels = [channel.json for channel in self._world.channels.values() if channel.server is server]
        lists = ("members", "threads", "emojis", "stickers", "presences", "voice_states", "features")
        return {
            "id": server.id,
            "name": server.name,
            "owner_id": server.owner.id,
            "roles": [everyone | rights | {"mentionable": False}],
            "channels": [
                said | {"position": 0, "permission_overwrites": [], "rate_limit_per_user": 0, "nsfw": False}
                for said in channels
            ],
            "member_count": len(server.members),
            **{name: [] for name in lists},
            **dict.fromkeys(("verification_level", "explicit_content_filter", "nsfw_level"), 0),
            **dict.fromkeys(("default_message_notifications", "mfa_level", "premium_tier"), 0),
            "preferred_locale": "en-US",
            "unavailable": False,
        }

    async def _resume(self, line: Line, data: dict[str, Any]) -> Session | None:
        session = next((s for s in self.sessions if s.id == data["session_id"]), None)
        if session is None or data["token"] != self._token:
            await line.send(INVALID, False)
            return None
        session.line = line
        self.resumed += 1
        for event in session.sent[data["seq"] :]:
            await line.send(DISPATCH, **event)
        await self._tell(session, "RESUMED", {})
        return session

    @staticmethod
    def _shard(server: str | None, count: int) -> int:
        return (int(server) >> 22) % count if server else 0

    async def dispatch(self, event: str, data: dict[str, Any], server: str | None = None) -> None:
        """To the session that serves the server; one that is away finds it when it resumes."""
        for session in reversed(self.sessions):
            if self._shard(server, session.shard[1]) == session.shard[0]:
                await self._tell(session, event, data)
                return

    async def _tell(self, session: Session, event: str, data: dict[str, Any]) -> None:
        said = {"t": event, "d": data, "s": len(session.sent) + 1}
        session.sent.append(said)
        if session.line and not session.line.socket.closed:
            with contextlib.suppress(ConnectionError):  # it is heard when the session is resumed
                await session.line.send(DISPATCH, **said)

    # trouble

    async def ask_to_reconnect(self) -> None:
        """op 7, as before a deployment of Discord."""
        for session in self.live:
            assert session.line
            await session.line.send(RECONNECT)

    async def invalidate(self) -> None:
        """op 9: what was a session is none any more."""
        for session in self.live:
            assert session.line
            self.sessions.remove(session)
            await session.line.send(INVALID, False)

    def cut(self) -> None:
        for session in self.live:
            assert session.line
            session.line.cut()

    async def close(self, code: int = 1001) -> None:
        for session in self.live:
            assert session.line
            await session.line.socket.close(code=code)
