"""Replies in Telegram's words, without a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.telegram import encode
from adapters.telegram.encode import Shape, batches, cut, keyboard, question, shapes
from bot.model import Button, Field, Form, Picture, PictureId, Style
from bot.ports import MB


def a_picture(width: int = 1024, height: int = 1024, size: int = MB) -> Picture:
    return Picture(PictureId("k3v9abcdef"), Path("p.png"), "image/png", width, height, size)


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("a corgi", 7, "a corgi"),
        ("a corgi in space", 10, "a corgi…"),
        ("柯" * 20, 10, "柯" * 9 + "…"),
        ("🐕" * 20, 10, "🐕" * 9 + "…"),
        ("x" * 100 + " y", 60, "x" * 59 + "…"),
    ],
)
def test_texts_are_cut_between_words_by_code_points(text: str, most: int, expected: str) -> None:
    assert cut(text, most) == expected
    assert len(cut(text, most)) <= most


def test_a_message_is_never_empty() -> None:
    assert encode.text("  ") == "…"
    assert encode.caption("") is None


def test_a_keyboard() -> None:
    rows = (
        (
            Button("Again", "again", "k3v9abcdef", Style.PRIMARY),
            Button("Delete", "delete", "k3", Style.DANGER),
        ),
        (),
        (Button("Site", url="https://example.org"),),
    )
    markup = keyboard(rows)
    assert markup
    assert markup.to_dict() == {
        "inline_keyboard": [
            [
                {"text": "Again", "callback_data": "again k3v9abcdef", "style": "primary"},
                {"text": "Delete", "callback_data": "delete k3", "style": "danger"},
            ],
            [{"text": "Site", "url": "https://example.org"}],
        ]
    }
    assert keyboard(()) is None


@pytest.mark.parametrize("text", ["x" * 60, "柯" * 20])
def test_button_data_fits_64_bytes(text: str) -> None:
    with pytest.raises(ValueError, match="bytes"):
        keyboard(((Button("Again", "again", text),),))


def test_a_question_opens_a_reply() -> None:
    form = Form("Edit", "edit", "k3", (Field("prompt", "What should be different?", value="a\ncorgi " * 20),))
    text, markup = question(form, "Edit")
    assert text == "Edit\nWhat should be different?"
    assert markup.selective
    assert markup.input_field_placeholder
    assert len(markup.input_field_placeholder) <= 64
    assert markup.input_field_placeholder.startswith("a corgi a corgi")


def test_a_secret_is_not_shown_in_a_question() -> None:
    form = Form("Key", "key", "", (Field("key", "The relay's key", value="sk-123", secret=True),))
    _, markup = question(form)
    assert markup.input_field_placeholder == "The relay's key"


def test_choices_are_named_in_a_question() -> None:
    form = Form("Size", "settings", "", (Field("size", "Which size?", choices=("1:1", "16:9")),))
    assert question(form)[0] == "Size\nWhich size?\n1:1 · 16:9"


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (a_picture(), (Shape.PHOTO, Shape.DOCUMENT, Shape.FITTED)),
        (a_picture(size=10 * MB), (Shape.PHOTO, Shape.DOCUMENT, Shape.FITTED)),
        (a_picture(size=10 * MB + 1), (Shape.DOCUMENT, Shape.FITTED)),
        (a_picture(5000, 5000), (Shape.PHOTO, Shape.DOCUMENT, Shape.FITTED)),
        (a_picture(5001, 5000), (Shape.DOCUMENT, Shape.FITTED)),
        (a_picture(2000, 100), (Shape.PHOTO, Shape.DOCUMENT, Shape.FITTED)),
        (a_picture(100, 2001), (Shape.DOCUMENT, Shape.FITTED)),
        (a_picture(size=50 * MB + 1), (Shape.FITTED,)),
    ],
)
def test_the_ladder(picture: Picture, expected: tuple[Shape, ...]) -> None:
    assert shapes(picture) == expected


@pytest.mark.parametrize(
    ("count", "sizes"), [(2, [2]), (10, [10]), (11, [6, 5]), (12, [6, 6]), (21, [7, 7, 7])]
)
def test_albums_hold_two_to_ten(count: int, sizes: list[int]) -> None:
    assert [len(batch) for batch in batches([a_picture()] * count)] == sizes
