"""Flags as people type them, on phones and Chinese keyboards."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.command import Command
from bot.commands import COMMANDS
from bot.errors import BadInput, BadOption
from bot.flags import bind, split
from bot.model import ChatId, Format, Invocation, Quality, User, UserId
from bot.sizes import parse

IMAGINE = next(command for command in COMMANDS if command.name == "imagine")


def said(text: str, command: Command = IMAGINE, **options: str | int) -> dict[str, object]:
    user = User(UserId("stage:ann"), "Ann")
    return bind(command, Invocation("1", ChatId("stage:1"), user, command.name, text, options))


@pytest.mark.parametrize(
    ("text", "flags", "rest"),
    [
        ("a fox --size 16:9 --n 2", [("size", "16:9"), ("n", "2")], "a fox"),
        ("a fox —size 16:9", [("size", "16:9")], "a fox"),
        ("a fox –size=16:9 in snow", [("size", "16:9")], "a fox in snow"),
        ("--n 2 a fox", [("n", "2")], "a fox"),
        ("一只狐狸——在雪里 －－ｓｉｚｅ　16：9", [("size", "16:9")], "一只狐狸——在雪里"),
        ("狐狸 --size　１６：９，雪地", [("size", "16:9,雪地")], "狐狸"),
        ('a sign saying "--size 4k" --n 2', [("n", "2")], 'a sign saying "--size 4k"'),
        ("a sign saying “--size 4k”", [], "a sign saying “--size 4k”"),
        ('a 12" ruler --n 2 and a 5" pen', [("n", "2")], 'a 12" ruler and a 5" pen'),
        ('"never closed --n 2', [("n", "2")], '"never closed'),
        ("day -- and night, day—night", [], "day -- and night, day—night"),
        ("--size --n 2 a fox", [("size", ""), ("n", "2")], "a fox"),
        (
            "line one\nline two --quality high\nline three",
            [("quality", "high")],
            "line one\nline two\nline three",
        ),
        ('fox --model "gpt image 2"', [("model", "gpt image 2")], "fox"),
        ("fox --SIZE 1024×1024.", [("size", "1024×1024")], "fox"),
    ],
)
def test_split(text: str, flags: list[tuple[str, str]], rest: str) -> None:
    assert split(text) == (flags, rest)


@given(st.text(max_size=200))
def test_split_takes_anything(text: str) -> None:
    flags, rest = split(text)
    assert all(name for name, _ in flags)
    assert len(rest) <= len(text)


@given(st.text(alphabet=st.characters(exclude_characters='-–—―－−‐"“”„「」『』«»＂'), max_size=200))
def test_prose_without_dashes_is_left_alone(text: str) -> None:
    assert split(text) == ([], text.strip())


def test_values_are_typed() -> None:
    values = said("a fox --size 9:16 --quality high --n 3 --format webp --model gpt-image-2")
    assert values == {
        "prompt": "a fox",
        "size": parse("9:16"),
        "quality": Quality.HIGH,
        "n": 3,
        "format": Format.WEBP,
        "model": "gpt-image-2",
    }


def test_what_the_platform_typed_and_flags_meet() -> None:
    assert said("", prompt="a fox --n 2", size="4k") == {"prompt": "a fox --n 2", "size": parse("4k")}


@pytest.mark.parametrize(
    ("text", "sentence", "names"),
    [
        ("fox --sise 16:9", "error-option-unknown", "--size"),
        ("fox --qwxz 1", "error-option-unknown", "--quality"),
        ("fox --size 17:3", "error-option-value", "16:9"),
        ("fox --size 1820x1024", "error-option-value", "1024x1024"),
        ("fox --quality best", "error-option-value", "auto, low, medium, high"),
        ("fox --n 0", "error-option-value", "1–10"),
        ("fox --n 11", "error-option-value", "1–10"),
        ("fox --n two", "error-option-value", "1–10"),
        ("fox --format gif", "error-option-value", "png, jpeg, webp"),
        ("fox --background", "error-option-missing", "transparent"),
    ],
)
def test_a_bad_flag_is_named_with_what_is_allowed(text: str, sentence: str, names: str) -> None:
    with pytest.raises(BadOption) as caught:
        said(text)
    assert caught.value.sentence == sentence
    assert names in str(caught.value.params["allowed"])


@pytest.mark.parametrize("text", ["", "   ", "--n 2", "\n"])
def test_an_empty_prompt(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        said(text)
    assert caught.value.sentence == "error-prompt-empty"


def test_the_prompt_has_a_length() -> None:
    assert said("x" * 32_000)["prompt"] == "x" * 32_000
    with pytest.raises(BadInput) as caught:
        said("x" * 100_000)
    assert caught.value.params == {"length": 100_000, "most": 32_000}


def test_a_long_prompt_is_split_quickly() -> None:
    assert split("—" * 50_000) == ([], "—" * 50_000)
    assert split('"' * 50_001)[0] == []


@pytest.mark.parametrize("opening", ["“", "„", "「", "『", "«"])
def test_a_thousand_quotes_that_nobody_ends_are_words(opening: str) -> None:
    """Looked for from each of them to the end, they would keep everybody waiting."""
    text = f"{opening * 30_000} fox"
    assert split(f"{text} --n 2") == ([("n", "2")], text)
