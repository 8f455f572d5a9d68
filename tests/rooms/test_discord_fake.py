"""The imitation of Discord is as strict as Discord: its rules, broken one by one by hand."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from tests.fakes.discord import APPLICATION, TOKEN, Ask, Channel, FakeDiscord, Person
from tests.fakes.discord.answers import COMMAND, COMPONENT, MODAL_SUBMIT

WAIT = {"type": 5}
MODAL = {
    "type": 9,
    "data": {
        "custom_id": "edit",
        "title": "Edit",
        "components": [
            {"type": 18, "label": "Words", "component": {"type": 4, "custom_id": "prompt", "style": 1}}
        ],
    },
}


@dataclass
class Hand:
    """A bot without a library."""

    fake: FakeDiscord
    http: aiohttp.ClientSession
    ada: Person
    room: Channel

    def ask(self, kind: int = COMMAND) -> Ask:
        ask = Ask(kind, self.ada, self.room, {})
        if kind == COMPONENT:
            ask.message = self.fake.write(self.room, self.fake.world.bot, "press me")
        self.fake.world.asks[ask.token] = ask
        return ask

    async def call(
        self, method: str, path: str, body: Any = None, files: tuple[bytes, ...] = (), token: str = TOKEN
    ) -> tuple[int, int]:
        """Status, and Discord's code where it is an error."""
        headers, data = {"Authorization": f"Bot {token}"}, None
        if files:
            data = aiohttp.FormData(quote_fields=False)
            data.add_field("payload_json", json.dumps(body))
            for at, content in enumerate(files):
                data.add_field(
                    f"files[{at}]", io.BytesIO(content), filename=f"{at}.png", content_type="image/png"
                )
        elif body is not None:
            data, headers["Content-Type"] = json.dumps(body), "application/json"
        async with self.http.request(method, self.fake.url + path, data=data, headers=headers) as answer:
            said = await answer.json() if answer.status >= 400 else {}
            return answer.status, said.get("code", 0)

    async def callback(self, ask: Ask, body: Any) -> tuple[int, int]:
        return await self.call("POST", f"/interactions/{ask.id}/{ask.token}/callback", body)

    async def webhook(
        self, method: str, ask: Ask, rest: str, body: Any = None, **more: Any
    ) -> tuple[int, int]:
        return await self.call(method, f"/webhooks/{APPLICATION}/{ask.token}{rest}", body, **more)

    async def post(self, body: Any, **more: Any) -> tuple[int, int]:
        return await self.call("POST", f"/channels/{self.room.id}/messages", body, **more)


@pytest.fixture
async def hand() -> AsyncIterator[Hand]:
    async with FakeDiscord() as fake, aiohttp.ClientSession() as http:
        ada = fake.person()
        yield Hand(fake, http, ada, fake.channel(fake.server("Club", ada)))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/channels/1/webhooks", None),
        ("POST", "/channels/1/messages/bulk-delete", {}),
        ("DELETE", "/users/@me", None),
        ("GET", "/gateway/bot?strange=1", None),
        ("POST", "/channels/1/messages", {"contents": "typo"}),
        ("POST", "/channels/1/messages", {"content": 7}),
        ("POST", "/channels/1/messages", {"content": "x", "nonce": "n" * 26}),
        ("POST", "/channels/1/messages", {"content": "x", "components": [{"type": 2}]}),
        ("PATCH", "/channels/1/messages/2", {"content": "x", "nonce": "edits have none"}),
        ("PUT", "/applications/1/commands", [{"name": "x", "type": 1, "description": "d" * 101}]),
        ("PUT", "/applications/1/commands", [{"name": "Upper", "type": 1, "description": "d"}]),
        ("PUT", "/applications/1/commands", [{"name": "x", "type": 1}]),
    ],
)
async def test_what_discord_does_not_know(hand: Hand, method: str, path: str, body: Any) -> None:
    status, _ = await hand.call(method, path, body)
    assert status in (400, 404)
    assert len(hand.fake.violations) == 1


async def test_required_options_come_first(hand: Hand) -> None:
    options = [{"type": 3, "name": name, "description": "d", "required": name == "b"} for name in "ab"]
    body = [{"name": "x", "type": 1, "description": "d", "options": options}]
    assert await hand.call("PUT", "/applications/1/commands", body) == (400, 50035)
    body[0]["options"] = options[::-1]
    assert await hand.call("PUT", "/applications/1/commands", body) == (200, 0)


async def test_a_strange_token(hand: Hand) -> None:
    assert (await hand.call("GET", "/users/@me", token="other"))[0] == 401
    assert (await hand.webhook("GET", hand.ask(), "/messages/@original", token="other"))[0] == 401


async def test_an_answer_is_in_time_and_the_only_one(hand: Hand) -> None:
    ask = hand.ask()
    assert await hand.callback(ask, WAIT) == (204, 0)
    assert await hand.callback(ask, WAIT) == (400, 40060)
    late = hand.ask()
    late.created -= 4
    assert await hand.callback(late, WAIT) == (404, 10062)
    assert await hand.call("POST", "/interactions/1/aW50/callback", WAIT) == (404, 10062)


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        (COMMAND, MODAL, 204),
        (COMPONENT, MODAL, 204),
        (MODAL_SUBMIT, MODAL, 400),
        (COMMAND, {"type": 6}, 400),
        (COMPONENT, {"type": 6}, 204),
        (COMMAND, {"type": 8, "data": {"choices": []}}, 400),
    ],
)
async def test_what_may_be_answered(hand: Hand, kind: int, body: Any, expected: int) -> None:
    assert (await hand.callback(hand.ask(kind), body))[0] == expected


async def test_a_form_comes_first_or_never(hand: Hand) -> None:
    ask = hand.ask()
    await hand.callback(ask, WAIT)
    assert await hand.callback(ask, MODAL) == (400, 40060)


async def test_nothing_follows_before_the_answer(hand: Hand) -> None:
    ask = hand.ask()
    assert await hand.webhook("POST", ask, "", {"content": "x"}) == (404, 10015)
    assert await hand.webhook("PATCH", ask, "/messages/@original", {"content": "x"}) == (404, 10015)


async def test_the_flag_of_the_deferral_counts(hand: Hand) -> None:
    ask = hand.ask()
    await hand.callback(ask, WAIT)
    await hand.webhook("POST", ask, "", {"content": "secret", "flags": 64})
    [message] = hand.fake.said(hand.room)
    assert (message is ask.original, message.viewer) == (True, None)
    await hand.webhook("POST", ask, "", {"content": "secret", "flags": 64})
    assert [m.viewer for m in hand.fake.said(hand.room, hand.ada)] == [None, hand.ada]


async def test_a_token_dies(hand: Hand) -> None:
    ask = hand.ask()
    await hand.callback(ask, WAIT)
    hand.fake.answers.life = 0.0
    assert await hand.webhook("PATCH", ask, "/messages/@original", {"content": "x"}) == (401, 50027)


async def test_only_messages_of_the_interaction(hand: Hand) -> None:
    one, other = hand.ask(), hand.ask(COMPONENT)
    await hand.callback(one, WAIT)
    await hand.callback(other, {"type": 6})
    assert one.original
    assert other.message
    body = {"content": "x"}
    assert (await hand.webhook("PATCH", one, f"/messages/{one.original.id}", body))[0] == 200
    assert await hand.webhook("PATCH", other, f"/messages/{one.original.id}", body) == (404, 10008)
    assert (await hand.webhook("PATCH", other, "/messages/@original", body))[0] == 200
    assert other.message.content == "x"


async def test_a_nonce_is_enforced_where_it_is_asked_for(hand: Hand) -> None:
    for enforce in (False, False, True, True):
        await hand.post({"content": "x", "nonce": "n", "enforce_nonce": enforce})
    assert len(hand.fake.said(hand.room)) == 2


async def test_files(hand: Hand) -> None:
    two = [{"id": "0", "filename": "a.png"}, {"id": "1", "filename": "b c.png"}]
    assert (await hand.post({"attachments": two}, files=(b"a", b"b")))[0] == 200
    [message] = hand.fake.said(hand.room)
    assert [file.name for file in message.files] == ["a.png", "bc.png"]
    path = f"/channels/{hand.room.id}/messages/{message.id}"
    assert (await hand.call("PATCH", path, {"content": "kept"}))[0] == 200
    assert len(message.files) == 2
    keep = [{"id": message.files[0].id}]
    assert (await hand.call("PATCH", path, {"attachments": keep}))[0] == 200
    assert len(message.files) == 1
    assert await hand.post({"attachments": two}, files=(b"a",)) == (400, 50035)
    assert await hand.post({"attachments": two[:1]}, files=(bytes(10 * 1024 * 1024 + 1),)) == (413, 40005)
    assert await hand.post({"content": ""}) == (400, 50006)


@pytest.mark.parametrize(
    ("body", "pinged"),
    [
        ({"content": "@everyone <@42>"}, ["everyone", "42"]),
        ({"content": "@everyone <@42>", "allowed_mentions": {"parse": ["users"]}}, ["42"]),
        ({"content": "@everyone <@42>", "allowed_mentions": {"parse": []}}, []),
        ({"content": r"\<@42>"}, []),
    ],
)
async def test_who_is_pinged(hand: Hand, body: Any, pinged: list[str]) -> None:
    await hand.post(body)
    assert hand.fake.said(hand.room)[0].pings == pinged


async def test_buttons(hand: Hand) -> None:
    button = {"type": 2, "style": 1, "label": "x", "custom_id": "again"}
    row = {"type": 1, "components": [button, button]}
    assert await hand.post({"content": "x", "components": [row]}) == (400, 50035)
    assert await hand.post({"content": "x", "components": [{"type": 1, "components": [button] * 6}]}) == (
        400,
        50035,
    )
    link = {"type": 1, "components": [{"type": 2, "style": 1, "label": "x", "url": "https://x.example"}]}
    assert await hand.post({"content": "x", "components": [link]}) == (400, 50035)


@pytest.mark.parametrize(("token", "intents", "code"), [("other", 0, 4004), (TOKEN, 1 << 15, 4014)])
async def test_who_the_gateway_turns_away(hand: Hand, token: str, intents: int, code: int) -> None:
    async with hand.http.ws_connect(hand.fake.gateway.url) as line:
        assert (await line.receive_json())["op"] == 10
        await line.send_json({"op": 2, "d": {"token": token, "intents": intents, "properties": {}}})
        await line.receive()
        assert line.close_code == code
