"""The Bot API's methods over a `World`: what each takes, does, refuses and answers."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from tests.fakes.telegram.spec import Params, bad
from tests.fakes.telegram.updates import Updates
from tests.fakes.telegram.world import MB, Json, Message, Person, Place, World

Upload = tuple[str, bytes]
"""A file part: its name and content."""
Files = Mapping[str, Upload]
Method = Callable[[Params, Files], Awaitable[Any]]

_RIGHTS = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)

_MEMBERS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
    "can_edit_tag",
    "can_react_to_messages",
)
_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)


@dataclass
class Query:
    """A press of a button, until it is answered."""

    id: str
    person: Person
    message: Message
    at: float = field(default_factory=time.monotonic)
    answered: bool = False
    text: str = ""
    alert: bool = False


@dataclass
class Seeking:
    """Somebody writes ``@Bot …`` somewhere, and is offered something."""

    id: str
    person: Person
    at: float = field(default_factory=time.monotonic)
    offered: list[Json] | None = None
    more: str = ""


class Methods:
    def __init__(self, world: World, updates: Updates) -> None:
        self.world, self.updates = world, updates
        self.queries: dict[str, Query] = {}
        self.seeking: dict[str, Seeking] = {}
        self.menus: dict[str, list[Json]] = {}
        self.query_age = 30.0
        self.privacy = True
        self.local: str = ""
        """A folder: then files are at absolute paths, as at a self-hosted server in local mode."""

    def find(self, name: str) -> Method:
        snake = re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
        return cast(Method, getattr(self, snake))

    # saying

    async def send_message(self, params: Params, files: Files) -> Json:
        if not params["text"].strip():
            raise bad("message text is empty")
        return self._say(params, text=params["text"], entities=params.get("entities", [])).json()

    async def send_photo(self, params: Params, files: Files) -> Json:
        return self._send_media(params, files, "photo")

    async def send_document(self, params: Params, files: Files) -> Json:
        return self._send_media(params, files, "document")

    async def send_video(self, params: Params, files: Files) -> Json:
        return self._send_media(params, files, "video")

    def _send_media(self, params: Params, files: Files, kind: str) -> Json:
        stored = self._file(params.get(kind, ""), files.get(kind), files, kind)
        veiled = bool(params.get("has_spoiler"))
        return self._say(params, text=params.get("caption", ""), media=stored, veiled=veiled).json()

    async def send_media_group(self, params: Params, files: Files) -> list[Json]:
        media = params["media"]
        if not 2 <= len(media) <= 10:
            raise bad("group of media must contain 2-10 items")
        stored = [self._file(item["media"], None, files, item["type"]) for item in media]
        group = f"album{stored[0].id}"
        texts = [item.get("caption", "") for item in media]
        said = [
            self._say(params, text=text, media=one, group=group, veiled=bool(item.get("has_spoiler")))
            for text, one, item in zip(texts, stored, media, strict=True)
        ]
        return [message.json() for message in said]

    async def send_chat_action(self, params: Params, files: Files) -> bool:
        self.world.place(params["chat_id"])
        return True

    def _say(self, params: Params, **content: Any) -> Message:
        place = self.world.place(params["chat_id"])
        thread = self._thread(place, params.get("message_thread_id"))
        reply = params.get("reply_parameters") or {}
        target = place.messages.get(reply.get("message_id", 0))
        if reply and target is None and not reply.get("allow_sending_without_reply"):
            raise bad("message to be replied not found")
        if target is not None and target.thread:
            thread = target.thread
        check_markup(params.get("reply_markup"))
        return self.world.post(
            place,
            {"from": self.world.bot},
            reply_to=target,
            thread=thread,
            markup=params.get("reply_markup"),
            silent=bool(params.get("disable_notification")),
            **content,
        )

    def _thread(self, place: Place, thread: int | None) -> int | None:
        if thread is not None and thread not in place.topics:
            raise bad("message thread not found")
        if thread in place.closed:
            raise bad("TOPIC_CLOSED")
        return thread

    def _file(self, said: str, part: Upload | None, files: Files, kind: str) -> Any:
        if said.startswith("attach://"):
            part = files.get(said.removeprefix("attach://"))
        if part is not None:
            if not part[1]:
                raise bad("file must be non-empty")
            return self.world.store(part[1], kind, part[0])
        found = self.world.files.get(said)
        if found is None or found.kind != kind:
            raise bad("wrong file identifier/HTTP URL specified")
        return found

    # changing

    async def edit_message_text(self, params: Params, files: Files) -> Any:
        message = self._editable(params)
        if message.media:
            raise bad("there is no text in the message to edit")
        if not params.get("text", "").strip():
            raise bad("message text is empty")
        return self._changed(message, params, params["text"], None)

    async def edit_message_caption(self, params: Params, files: Files) -> Any:
        message = self._editable(params)
        if not message.media:
            raise bad("there is no caption in the message to edit")
        return self._changed(message, params, params.get("caption", ""), message.media)

    async def edit_message_reply_markup(self, params: Params, files: Files) -> Any:
        message = self._editable(params)
        return self._changed(message, params, message.text, message.media)

    async def edit_message_media(self, params: Params, files: Files) -> Any:
        message, media = self._editable(params), params["media"]
        if message.inline and files:
            raise bad("wrong file identifier/HTTP URL specified: inline messages take no upload")
        if message.group and (not message.media or message.media.kind != media["type"]):
            raise bad("message can't be edited: another type of album")
        stored = self._file(media["media"], None, files, media["type"])
        if message.media and message.media.digest == stored.digest and message.media.kind == stored.kind:
            stored = message.media
        message.veiled = bool(media.get("has_spoiler"))
        return self._changed(message, params, media.get("caption", ""), stored)

    async def stop_message_live_location(self, params: Params, files: Files) -> Json:
        self._editable(params)
        raise bad("there is no live location in the message to edit")

    def _editable(self, params: Params) -> Message:
        if name := params.get("inline_message_id"):
            found = self.world.inline.get(name)
            if found is None:
                raise bad("MESSAGE_ID_INVALID")
            return found
        message = self.world.place(params.get("chat_id", 0)).messages.get(params.get("message_id", 0))
        if message is None:
            raise bad("message to edit not found")
        if not message.ours:
            raise bad("message can't be edited")
        return message

    def _changed(self, message: Message, params: Params, text: str, media: Any) -> Any:
        markup = params.get("reply_markup")
        check_markup(markup)
        if (text, media, markup) == (message.text, message.media, message.markup):
            raise bad(
                "message is not modified: specified new message content and reply markup are exactly the same"
                " as a current content and reply markup of the message"
            )
        message.text, message.media, message.markup = text, media, markup
        message.edits += 1
        return True if message.inline else message.json()

    async def delete_message(self, params: Params, files: Files) -> bool:
        place = self.world.place(params["chat_id"])
        message = place.messages.get(params["message_id"])
        if message is None:
            raise bad("message to delete not found")
        may = place.kind == "private" or place.members.get(self.world.bot_id) == "administrator"
        if not message.ours and not may:
            raise bad("message can't be deleted")
        del place.messages[message.id]
        return True

    async def answer_callback_query(self, params: Params, files: Files) -> bool:
        query = self.queries.get(params["callback_query_id"])
        if query is None or query.answered or time.monotonic() - query.at > self.query_age:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        query.answered, query.text, query.alert = (
            True,
            params.get("text", ""),
            params.get("show_alert", False),
        )
        return True

    async def answer_inline_query(self, params: Params, files: Files) -> bool:
        seeking, results = self.seeking.get(params["inline_query_id"]), params["results"]
        if seeking is None or seeking.offered is not None or time.monotonic() - seeking.at > self.query_age:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if len(results) > 50:
            raise bad("RESULTS_TOO_MUCH")
        if len({one["id"] for one in results}) < len(results):
            raise bad("RESULT_ID_DUPLICATE")
        if len(params.get("next_offset", "").encode()) > 64:
            raise bad("NEXT_OFFSET_INVALID")
        for one in results:
            if not 1 <= len(one["id"].encode()) <= 64:
                raise bad("RESULT_ID_INVALID")
            check_markup(one.get("reply_markup"))
            if one["type"] != "article":
                self._file(one[f"{one['type']}_file_id"], None, {}, one["type"])
        seeking.offered, seeking.more = results, params.get("next_offset", "")
        return True

    # asking

    async def get_me(self, params: Params, files: Files) -> Json:
        able = {"can_join_groups": True, "supports_inline_queries": True}
        return {**self.world.bot, **able, "can_read_all_group_messages": not self.privacy}

    async def get_file(self, params: Params, files: Files) -> Json:
        stored = self.world.files.get(params["file_id"].removeprefix("thumb-"))
        if stored is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if stored.size > 20 * MB and not self.local:
            raise bad("file is too big")
        path = f"{self.local}/{stored.id}" if self.local else stored.path
        return {
            "file_id": stored.id,
            "file_unique_id": f"u{stored.id}",
            "file_size": stored.size,
            "file_path": path,
        }

    async def get_chat(self, params: Params, files: Files) -> Json:
        place = self.world.place(params["chat_id"])
        said = {**place.json, "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _GIFTS}
        if place.kind in ("group", "supergroup"):
            said["permissions"] = {right: right not in place.denied for right in _MEMBERS}
        return said

    async def get_chat_member(self, params: Params, files: Files) -> Json:
        place = self.world.place(params["chat_id"])
        someone, status = params["user_id"], place.members.get(params["user_id"])
        if someone == self.world.bot_id:
            user, status = self.world.bot, status or "member"
        elif (person := self.world.people.get(someone)) and status:
            user = person.json
        else:
            raise bad("member not found")
        return self.membership(place, status, user)

    def membership(self, place: Place, status: str, user: Json) -> Json:
        """A ``ChatMember`` of this status, with the facts that it has."""
        facts: dict[str, Json] = {
            "creator": {"is_anonymous": False},
            "kicked": {"until_date": 0},
            "administrator": {**dict.fromkeys(_RIGHTS, False), **place.granted},
            "restricted": {
                "is_member": True,
                "until_date": 0,
                **{right: right not in place.denied for right in _MEMBERS},
            },
        }
        return {"status": status, "user": user, **facts.get(status, {})}

    # the bot's own affairs

    async def get_updates(self, params: Params, files: Files) -> list[Json]:
        return await self.updates.poll(params)

    async def set_webhook(self, params: Params, files: Files) -> bool:
        self.updates.set_webhook(params)
        return True

    async def delete_webhook(self, params: Params, files: Files) -> bool:
        self.updates.drop_webhook()
        if params.get("drop_pending_updates"):
            self.updates.queue.clear()
        return True

    async def get_webhook_info(self, params: Params, files: Files) -> Json:
        hook = self.updates.webhook
        waiting = len(self.updates.queue)
        return {
            "url": hook.url if hook else "",
            "has_custom_certificate": False,
            "pending_update_count": waiting,
        }

    async def set_my_commands(self, params: Params, files: Files) -> bool:
        for each in params["commands"]:
            if not all(c.isascii() and (c.islower() or c.isdigit() or c == "_") for c in each["command"]):
                raise bad("BOT_COMMAND_INVALID")
        self.menus[params.get("language_code", "")] = params["commands"]
        return True

    async def get_my_commands(self, params: Params, files: Files) -> list[Json]:
        return self.menus.get(params.get("language_code", ""), [])


def check_markup(markup: Json | None) -> None:
    """An inline keyboard's buttons do exactly one thing each."""
    for row in (markup or {}).get("inline_keyboard", []):
        for button in row:
            if not button["text"].strip():
                raise bad("text buttons are unallowed to be empty")
            if len(button.keys() - {"text", "style", "icon_custom_emoji_id"}) != 1:
                raise bad("can't parse inline keyboard button: exactly one action expected")
