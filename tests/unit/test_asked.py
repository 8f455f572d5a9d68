"""What asked for a job, as a page that forgot it says it again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.asked import asked
from bot.model import ChatId, Format, ImageRequest, Job, JobId, Quality, Source, User, UserId, Video
from bot.sizes import parse


def job(request: ImageRequest | None = None, **more: Any) -> Job:
    ada = User(UserId("web:owner"), "Ada")
    made = Job(
        JobId("k3"), ChatId("web:playground"), ada, "say-1", request or ImageRequest("a fox"), "", "en"
    )
    return replace(made, **more)


def test_the_words_and_what_was_chosen() -> None:
    request = ImageRequest(
        "a fox",
        model="gpt-image-2",
        n=2,
        size=parse("16:9"),
        quality=Quality.HIGH,
        output_format=Format.WEBP,
        output_compression=0,
    )
    said = asked(job(request))
    assert said
    assert (said.id, said.command, said.text) == ("say-1", "imagine", "a fox")
    chosen = {"size": "16:9", "quality": "high", "n": 2, "model": "gpt-image-2", "format": "webp"}
    assert said.options == {**chosen, "compression": 0}


@pytest.mark.parametrize("size", ["16:9", "9:16 4k", "1024x1024", ""])
def test_a_size_is_said_so_that_it_is_understood(size: str) -> None:
    said = asked(job(ImageRequest("a fox", size=parse(size))))
    assert said
    assert said.options == ({"size": size} if size else {})


@pytest.mark.parametrize(
    ("wanted", "command"),
    [
        (ImageRequest("a fox", images=(Source("web:a"),)), "edit"),
        (ImageRequest("a fox", video=Video(seconds=5)), "video"),
        (ImageRequest("a fox", video=Video(remix="task-1")), "remix"),
    ],
)
def test_the_command_is_told_by_what_was_asked(wanted: ImageRequest, command: str) -> None:
    said = asked(job(wanted))
    assert said
    assert said.command == command
    assert tuple(attachment.source for attachment in said.attachments) == wanted.images


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"once": "again:k2:web:owner", "parent": JobId("k2")}, False),
        ({"once": "spend:web:playground:q1", "parent": JobId("k2")}, False),
        ({"once": "spend:web:playground:q1"}, True),
        ({"parent": JobId("k2")}, True),
        ({"credit": "by Ada and Ben"}, False),
    ],
)
def test_what_a_button_asked_for_has_no_words(more: dict[str, Any], words: bool) -> None:
    assert (asked(job(**more)) is not None) is words
