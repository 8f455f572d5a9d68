"""The fake Telegram is strict: what the Bot API refuses, it refuses."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.ports import MB
from tests.contract.pictures import png
from tests.fakes.telegram import TOKEN, FakeTelegram, Place
from tests.fakes.telegram.__main__ import Driven
from tests.fakes.telegram.flood import Flood

Json = dict[str, Any]


class Caller:
    """Calls methods as any HTTP client would."""

    def __init__(self, fake: FakeTelegram, session: aiohttp.ClientSession) -> None:
        self.fake, self.session = fake, session
        self.ada = fake.person()
        self.room: Place = fake.private(self.ada)

    async def __call__(
        self, method: str, *, token: str = TOKEN, files: Json | None = None, **params: Any
    ) -> Any:
        form = aiohttp.FormData()
        for name, value in params.items():
            form.add_field(name, value if isinstance(value, str) else json.dumps(value))
        for name, content in (files or {}).items():
            form.add_field(name, io.BytesIO(content), filename="p.png")
        async with self.session.post(f"{self.fake.url}/bot{token}/{method}", data=form) as answer:
            said = await answer.json()
            assert said["ok"] is (answer.status == 200)
            return said.get("result") if said["ok"] else (answer.status, said["description"])

    async def refusal(self, method: str, **params: Any) -> str:
        status, description = await self(method, **params)
        assert status == 400
        return str(description)


@pytest.fixture
async def call() -> AsyncIterator[Caller]:
    async with FakeTelegram() as fake, aiohttp.ClientSession() as session:
        yield Caller(fake, session)


async def test_tokens(call: Caller) -> None:
    assert await call("getMe", token="4242:other") == (401, "Unauthorized")
    assert await call("getMe", token="nonsense") == (404, "Not Found")
    assert await call("sendSmoke") == (404, "Not Found: method not found")


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({"chat": 1}, "parameter chat is not known"),
        ({}, "parameter text is required"),
        ({"text": "x" * 4097}, "is too long"),
        ({"text": "柯" * 4097}, "is too long"),
        ({"text": ""}, "message text is empty"),
        ({"text": "x", "message_thread_id": "x"}, "can't parse sendMessage.message_thread_id"),
        ({"text": "x", "message_thread_id": 1}, "message thread not found"),
        ({"text": "x", "disable_notification": 1}, "must be Boolean"),
        ({"text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ({"text": "x", "reply_parameters": {"message": 99}}, "message is not known to ReplyParameters"),
        ({"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "A"}]]}}, "exactly one action"),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "A", "callback_data": "x" * 65}]]}},
            "callback_data is too long",
        ),
        (
            {"text": "x", "reply_markup": {"force_reply": True, "input_field_placeholder": "x" * 65}},
            "input_field_placeholder is too long",
        ),
    ],
)
async def test_messages_are_checked(call: Caller, params: Json, complaint: str) -> None:
    assert complaint in await call.refusal("sendMessage", **({"chat_id": call.room.id} | params))


async def test_exactly_the_limit_is_taken(call: Caller) -> None:
    assert await call("sendMessage", chat_id=call.room.id, text="🐕" * 4096)
    said = await call("sendPhoto", chat_id=call.room.id, caption="🐕" * 1024, files={"photo": png()})
    assert said["photo"][-1]["width"] == 64
    assert "too long" in await call.refusal(
        "sendPhoto", chat_id=call.room.id, caption="x" * 1025, files={"photo": png()}
    )


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (png() + bytes(10 * MB), "too big for a photo"),
        (png(6000, 4001), "PHOTO_INVALID_DIMENSIONS"),
        (png(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
        (b"%PDF-1.7", "IMAGE_PROCESS_FAILED"),
    ],
)
async def test_photos_are_checked(call: Caller, content: bytes, complaint: str) -> None:
    assert complaint in await call.refusal("sendPhoto", chat_id=call.room.id, files={"photo": content})
    assert await call("sendDocument", chat_id=call.room.id, files={"document": content})


async def test_edits_are_checked(call: Caller) -> None:
    sent = await call("sendMessage", chat_id=call.room.id, text="queued")
    where = {"chat_id": call.room.id, "message_id": sent["message_id"]}
    assert "not modified" in await call.refusal("editMessageText", text="queued", **where)
    photo = {"type": "photo", "media": "attach://p", "caption": "done"}
    assert (await call("editMessageMedia", media=photo, files={"p": png()}, **where))["caption"] == "done"
    assert "not modified" in await call.refusal("editMessageMedia", media=photo, files={"p": png()}, **where)
    assert "no text in the message" in await call.refusal("editMessageText", text="x", **where)
    assert "not found" in await call.refusal("editMessageText", text="x", chat_id=call.room.id, message_id=99)
    theirs = call.fake.say(call.room, call.ada, "hello")
    assert "can't be edited" in await call.refusal(
        "editMessageText", text="x", chat_id=call.room.id, message_id=theirs.id
    )


async def test_albums_are_checked(call: Caller) -> None:
    photo, file = {"type": "photo", "media": "attach://a"}, {"type": "document", "media": "attach://b"}
    files = {"a": png(), "b": png()}
    assert "2-10" in await call.refusal("sendMediaGroup", chat_id=call.room.id, media=[photo], files=files)
    assert "sendMediaGroup.media" in await call.refusal(
        "sendMediaGroup", chat_id=call.room.id, media=[photo, file], files=files
    )


async def test_a_query_is_answered_once(call: Caller) -> None:
    keyboard = {"inline_keyboard": [[{"text": "A", "callback_data": "again x"}]]}
    sent = await call("sendMessage", chat_id=call.room.id, text="done", reply_markup=keyboard)
    query = call.fake.press(call.room.messages[sent["message_id"]], "A", call.ada)
    assert "text is too long" in await call.refusal(
        "answerCallbackQuery", callback_query_id=query.id, text="x" * 201
    )
    assert await call("answerCallbackQuery", callback_query_id=query.id)
    assert "too old" in await call.refusal("answerCallbackQuery", callback_query_id=query.id)


async def test_updates_wait_a_day_and_until_confirmed(call: Caller) -> None:
    call.fake.say(call.room, call.ada, "one")
    [update] = await call("getUpdates")
    assert await call("getUpdates") == [update]
    assert await call("getUpdates", offset=update["update_id"] + 1) == []
    call.fake.say(call.room, call.ada, "two")
    call.fake.updates.skew = 25 * 3600
    assert await call("getUpdates") == []


async def test_privacy_mode(call: Caller) -> None:
    group = call.fake.group("Club", call.ada)
    for text in ("hello", "/imagine x", "hi @EaselBot"):
        call.fake.say(group, call.ada, text)
    assert [u["message"]["text"] for u in await call("getUpdates")] == ["/imagine x", "hi @EaselBot"]


async def test_flood_limits(call: Caller) -> None:
    call.fake.flood = Flood(group_minute=2)
    group = call.fake.group("Club", call.ada)
    answers = [await call("sendMessage", chat_id=group.id, text="x") for _ in range(3)]
    assert answers[2][0] == 429
    assert await call("sendMessage", chat_id=call.room.id, text="x")


async def test_driven_from_outside() -> None:
    async with Driven(keep=False) as fake, aiohttp.ClientSession(fake.url) as session:

        async def control(name: str, **given: Any) -> Any:
            async with session.post(f"/control/{name}", json=given) as answer:
                return await answer.json()

        [chat] = (await control("people", count=1))["chats"]
        group = await control("group", title="Club", members=2)
        said = await control("say", says=[{"chat": chat, "user": chat, "text": "/imagine x"}])
        assert len(fake.updates.queue) == 1
        call = Caller(fake, session)
        await call("sendPhoto", chat_id=chat, caption="done", files={"photo": png()})
        async with session.get("/control/arrivals") as answer:
            arrivals = await answer.json()
        assert said["at"] <= arrivals["chats"][str(chat)]["picture"] <= arrivals["now"]
        async with session.get("/control/messages", params={"chat": chat}) as answer:
            assert [message["caption"] for message in await answer.json()] == ["done"]
        await control("fail", method="sendMessage", kind="flood", value=9)
        assert (await call("sendMessage", chat_id=group["chat"], text="x"))[0] == 429
        await control("reset")
        assert fake.arrivals == {}
