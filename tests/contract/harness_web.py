"""The playground for the adapter contract: the real server, and a tab that speaks the page's own protocol.

A `Tab` is what a browser would be, without painting: it logs in, loads the page, opens NiceGUI's
websocket, and does what the page's components do when they are told something. What is seen in a
real browser is in ``tests/whole/test_playground.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import html
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import nicegui.outbox
import pytest
import socketio
import uvicorn.server
from nicegui import core
from nicegui.client import Client

from adapters.web.adapter import Web
from bot import media
from bot.model import Button, ChatId, Picture, PictureId, Post, Reply, Style, User, UserId, new_id
from bot.ports import Memory
from tests.contract.door import RecordingDoor
from tests.contract.harness import Fault, Shown

_ELEMENTS = re.compile(r"parseElements\(String\.raw`(.*?)`", re.DOTALL)
_CLIENT = re.compile(r"client_id'?\"?: ?['\"]([0-9a-f-]{36})")
_METHOD = re.compile(r'return runMethod\((\d+), "(\w+)", (.*)\)', re.DOTALL)


class _Near:
    """`asyncio` for libraries that give a tab, which here is near, tenths of a second."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.005))


@contextmanager
def fresh_nicegui() -> Iterator[None]:
    """NiceGUI's application is one for the whole process; each server of a test starts with a clean one.

    (NiceGUI's own reset for tests also collects all garbage, six times a test.)
    """
    core.app.middleware_stack = None
    core.app.user_middleware.clear()
    core.app.remove_route("/favicon.ico")
    Client.instances.clear()
    core.app._shutdown_handlers.clear()
    core.reset()
    gc.freeze()  # NiceGUI looks for its server among all objects there are: let there be few
    with pytest.MonkeyPatch.context() as patch:
        for library in (uvicorn.server, nicegui.outbox):
            patch.setattr(library, "asyncio", _Near())
        yield


class Tab:
    """One person's open page."""

    def __init__(self, address: str, password: str = "") -> None:
        headers = {"Origin": address, "Accept-Language": "en"}
        # Without TLS there is nothing to verify, and reading the certificates takes longer than a test.
        self.http = httpx.AsyncClient(base_url=address, headers=headers, verify=False, trust_env=False)
        self.password = password
        self.messages: dict[str, dict[str, Any]] = {}
        self.toasts: list[str] = []
        self.form: dict[str, Any] = {}
        self._elements: dict[str, dict[str, Any]] = {}
        self._client = ""
        self._told: dict[str, asyncio.Event] = {}
        self._socket = socketio.AsyncClient(reconnection=False)
        self._socket.on("run_javascript", self._run)

    async def open(self) -> None:
        """Log in where that is asked for, load the page, connect."""
        if self.password:
            await self.http.post("/login", data={"password": self.password})
        page = (await self.http.get("/")).raise_for_status().text
        elements = _ELEMENTS.search(page)
        client = _CLIENT.search(page)
        assert elements
        assert client
        self._elements = json.loads(html.unescape(elements[1]))
        self._client = client[1]
        shown = self._named("conversation")["props"]["messages"]
        self.messages = {message["id"]: message for message in shown}
        await self._connect()

    async def _connect(self) -> None:
        tab = f"client_id={self._client}&next_message_id=0&implicit_handshake=true&tab_id={new_id()}"
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        await self._socket.connect(
            f"{self.http.base_url}?{tab}&document_id={new_id()}",
            headers={"Cookie": cookies, "Origin": str(self.http.base_url).rstrip("/")},
            transports=["websocket"],
            socketio_path="/_nicegui_ws/socket.io",
        )

    async def drop(self) -> None:
        """The network fails."""
        await self._socket.disconnect()

    async def close(self) -> None:
        await self._socket.disconnect()
        await self.http.aclose()

    @property
    def connected(self) -> bool:
        return bool(self._socket.connected)

    def _named(self, component: str) -> dict[str, Any]:
        found = (e for e in self._elements.values() if e["tag"].endswith(component))
        return next(found)

    async def _run(self, message: Mapping[str, Any]) -> None:
        """What the page's components do when the server calls their methods."""
        if message["code"] == "location.reload()":  # the page is written in another language now
            return
        found = _METHOD.fullmatch(message["code"])
        assert found, message
        method, args = found[2], json.loads(found[3])
        match method:
            case "put":
                self.messages[args[0]["id"]] = args[0]
            case "drop":
                self.messages.pop(args[0], None)
            case "toast":
                self.toasts.append(args[0])
            case "ask":
                self.form = args[0]
            case "accepted" | "told":
                self._told.setdefault(args[0], asyncio.Event()).set()

    async def emit(self, component: str, kind: str, event: Mapping[str, Any]) -> None:
        """An event of a component, as Vue would send it."""
        at, element = next((i, e) for i, e in self._elements.items() if e["tag"].endswith(component))
        listener = next(e["listener_id"] for e in element["events"] if e["type"] == kind)
        await self._socket.emit(
            "event",
            {"id": int(at), "client_id": self._client, "listener_id": listener, "args": [json.dumps(event)]},
        )

    async def settled(self) -> None:
        """Everything that the server said until now has arrived: its answers keep their order."""
        asked = new_id()
        self._told[asked] = asyncio.Event()
        await self.emit("composer", "ask", {"id": asked, "option": "size", "typed": ""})
        async with asyncio.timeout(5):
            await self._told[asked].wait()

    async def say(self, text: str, pictures: Sequence[bytes] = (), **more: Any) -> None:
        attachments = []
        for body in pictures:
            answer = (await self.http.post("/uploads", content=body)).raise_for_status().json()
            attachments.append(
                {"source": answer["source"], "name": "my.png", "mime": "image/png", "size": len(body)}
            )
        event = {"id": new_id(), "text": text, "attachments": attachments, **more}
        await self.emit("composer", "say", event)

    async def press(self, post: str, label: str) -> None:
        buttons = [button for row in self.messages[post]["buttons"] for button in row]
        button = next(button for button in buttons if button["label"] == label)
        event = {"id": new_id(), "post": post, "command": button["command"], "text": button["text"]}
        await self.emit("conversation", "press", event)

    async def answer(self, values: Sequence[str]) -> None:
        options = {field["name"]: value for field, value in zip(self.form["fields"], values, strict=True)}
        event = {
            "id": new_id(),
            "command": self.form["command"],
            "text": self.form["text"],
            "options": options,
        }
        await self.emit("questions", "answer", event)


class WebHarness:
    name = "web"
    secret = "the-playground's-password"
    chat = ChatId("web:playground")
    owner = member = User(UserId("web:owner"), "You", "en")

    def __init__(self, folder: Path) -> None:
        self.folder, self.door = folder, RecordingDoor()
        self._tab: Tab | None = None
        self._task: asyncio.Task[None] | None = None
        self._life = contextlib.ExitStack()
        self.adapter = self._made("127.0.0.1", self.secret)

    def _made(self, host: str, password: str) -> Web:
        return Web(
            host,
            0,
            secret=b"s" * 32,
            uploads=self.folder / "uploads",
            find=self._find,
            health=lambda: (True, {}),
            metrics=lambda: b"",
            password=password,
        )

    async def _find(self, picture: PictureId) -> Picture | None:
        return None

    @property
    def tab(self) -> Tab:
        assert self._tab
        return self._tab

    async def start(self) -> None:
        self._life.enter_context(fresh_nicegui())
        self.adapter = self._made("127.0.0.1", self.secret)
        self._task = asyncio.create_task(self.adapter.run(self.door))
        async with asyncio.timeout(10):
            while not self.adapter.ready:
                await asyncio.sleep(0.005)
        self._tab = Tab(self.adapter.address, self.secret)
        await self._tab.open()

    async def stop(self) -> None:
        if self._task is None:
            return
        if self.tab.connected:
            await self.tab.settled()
        # What the core would remember is what was last seen.
        self.door.memories = [Memory(Post(self.chat, m["id"]), _reply(m)) for m in self._answers()]
        await self.tab.close()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None
        self._life.close()

    def stranger(self) -> Web:
        return self._made("0.0.0.0", "")

    async def say(
        self, command: str, words: str, *, pictures: Sequence[bytes] = (), reply_to: Post | None = None
    ) -> None:
        assert command
        assert reply_to is None
        await self.tab.say(f"/{command} {words}", pictures)

    async def press(self, post: Post, label: str) -> None:
        await self.tab.settled()
        await self.tab.press(post.id, label)

    async def fill(self, post: Post | None, values: Sequence[str]) -> None:
        assert post is None
        await self.tab.settled()
        await self.tab.answer(values)

    async def shown(self) -> list[Shown]:
        if not self.tab.connected:
            await self.tab.open()
        await self.tab.settled()
        return [await self._seen(message) for message in self._answers()]

    def _answers(self) -> list[dict[str, Any]]:
        return [message for message in self.tab.messages.values() if not message["mine"]]

    async def _seen(self, message: Mapping[str, Any]) -> Shown:
        return Shown(
            id=message["id"],
            text=message["text"],
            pictures=tuple([await self._sides(picture) for picture in message["pictures"]]),
            files=tuple([(file["name"], await self._bytes(file)) for file in message["files"]]),
            buttons=tuple(button["label"] for row in message["buttons"] for button in row),
            veiled=message["veiled"],
        )

    async def _bytes(self, picture: Mapping[str, Any]) -> bytes:
        return (await self.tab.http.get(picture["url"])).raise_for_status().content

    async def _sides(self, picture: Mapping[str, Any]) -> tuple[int, int]:
        file = self.folder / new_id()
        file.write_bytes(await self._bytes(picture))
        facts = await media.sniff(file)
        return facts.width, facts.height

    async def whispered(self) -> list[str]:
        await self.tab.settled()
        return self.tab.toasts

    async def remove(self, post: Post) -> None:
        await self.adapter.delete(post)

    async def fail(self, call: str, fault: Fault) -> None:
        """Whatever goes wrong on a wire to a tab: it is gone, and comes back."""
        await self.tab.settled()
        await self.tab.drop()

    async def forbid_pictures(self) -> None:
        raise NotImplementedError

    async def shut_out(self) -> None:
        raise NotImplementedError


def _reply(message: Mapping[str, Any]) -> Reply:
    rows = tuple(
        tuple(Button(b["label"], b["command"], b["text"], Style(b["style"]), b["url"]) for b in row)
        for row in message["buttons"]
    )
    return Reply(message["text"], buttons=rows)


@asynccontextmanager
async def web(folder: Path) -> AsyncIterator[WebHarness]:
    harness = WebHarness(folder)
    await harness.start()
    try:
        yield harness
    finally:
        await harness.stop()
