"""Flags as people type them, on phones and Chinese keyboards."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.command import Command
from bot.commands import COMMANDS
from bot.errors import BadInput, BadOption
from bot.flags import bind, split
from bot.model import ChatId, Format, Invocation, Quality, User, UserId
from bot.sizes import parse

BY_NAME = {command.name: command for command in COMMANDS}
IMAGINE = BY_NAME["imagine"]


def said(text: str, command: Command = IMAGINE, /, **options: str | int) -> dict[str, object]:
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
        ("狐狸 ——size 16：9", [("size", "16:9")], "狐狸"),
        ("狐狸--size 16:9", [("size", "16:9")], "狐狸"),
        ("狐狸，--size 16:9 雪地", [("size", "16:9")], "狐狸， 雪地"),
        ("狐狸。—size 16:9", [("size", "16:9")], "狐狸。"),
        ("🦊--n 2", [("n", "2")], "🦊"),
        ('写着"勇气"--n 2', [("n", "2")], '写着"勇气"'),
        ("写着“勇气 --n 2”的牌子", [], "写着“勇气 --n 2”的牌子"),
        ('写着"勇气 --n 2"的牌子', [], '写着"勇气 --n 2"的牌子'),
        ("a fox,--size 16:9", [("size", "16:9")], "a fox,"),
        ("a fox,--foo 3", [("foo", "3")], "a fox,"),
        ("a well--known fox, 12--n 2", [], "a well--known fox, 12--n 2"),
        ("a fox—size matters", [], "a fox—size matters"),
        ("“Well,” she said,—and a fox; 狐狸--foo", [], "“Well,” she said,—and a fox; 狐狸--foo"),
        ("a poster that says '--size 4k'", [], "a poster that says '--size 4k'"),
        ("fox --size:16:9 in snow", [("size", "16:9")], "fox in snow"),
        ("fox --size 16:9,--n 2", [("size", "16:9"), ("n", "2")], "fox"),
        ("fox --size 16:9，——n：2。", [("size", "16:9"), ("n", "2")], "fox"),
        ("fox --size 16:9,9:16", [("size", "16:9,9:16")], "fox"),
        ("fox --size= --n 2", [("size", ""), ("n", "2")], "fox ="),
        ("fox --size“16:9” in snow", [("size", "")], "fox “16:9” in snow"),
        ("fox --only_me the --n of it", [("only-me", "on"), ("n", "of")], "fox the it"),
    ],
)
def test_split(text: str, flags: list[tuple[str, str]], rest: str) -> None:
    assert split(text, IMAGINE.options) == (flags, rest)


DASHES = ("--", "－－", "−−", "‐‐", "—", "–", "―", "——", "––")
SEPARATORS = (" ", "　", "=", "＝", ":", "：", " = ", "： ")
QUOTES = ("", '""', "''", "“”", "‘’", "「」", "『』", "＂＂", "””")
BEFORE = ("a fox ", "一只狐狸", "一只狐狸 ", "狐狸，", "a fox,", "a fox. ", "狐狸。", "「狐狸」", "🦊", "")
AFTER = ("", " in snow", "，", ".", "。 雪", " --n 2", ",--n 2", "，——n 2")


@given(
    before=st.sampled_from(BEFORE),
    dash=st.sampled_from(DASHES),
    name=st.sampled_from(("size", "SIZE", "ｓｉｚｅ")),
    separator=st.sampled_from(SEPARATORS),
    quotes=st.sampled_from(QUOTES),
    value=st.sampled_from(("16:9", "１６：９", "16：9")),
    after=st.sampled_from(AFTER),
)
def test_a_flag_means_the_same_however_it_is_spelled(
    before: str, dash: str, name: str, separator: str, quotes: str, value: str, after: str
) -> None:
    quoted = f"{quotes[:1]}{value}{quotes[1:]}"
    values = said(f"{before}{dash}{name}{separator}{quoted}{after} 雪")
    assert values["size"] == parse("16:9")
    assert values.get("n") == (2 if "n 2" in after else None)
    assert not set("=＝:：—–-") & set(str(values["prompt"]))
    assert str(values["prompt"]).startswith(before.strip())


PROSE = (
    "fox",
    "狐狸",
    "，",
    ",",
    ". ",
    " ",
    "\n",
    "--",
    "—",
    "——",
    " - ",
    "“",
    "”",
    '"',
    "'",
    "well-known",
    "🦊",
    "n",
)


@given(st.lists(st.sampled_from(PROSE), max_size=12).map("".join))
def test_a_text_without_flags_is_never_changed(text: str) -> None:
    flags, rest = split(text, IMAGINE.options)
    assert flags or rest == text.strip()


@given(st.text(max_size=60), st.sampled_from(("--foo", "—size", "--n 2")))
def test_what_is_glued_to_a_latin_letter_is_no_flag(text: str, flag: str) -> None:
    quiet = "".join(character for character in text if character.isalpha() and character.isascii())
    assert split(f"x{quiet}{flag}", IMAGINE.options) == ([], f"x{quiet}{flag}")


@given(st.text(max_size=200))
def test_split_takes_anything(text: str) -> None:
    flags, rest = split(text, IMAGINE.options)
    assert all(name for name, _ in flags)
    assert len(rest) <= len(text)


@given(st.text(alphabet=st.characters(exclude_characters='-–—―－−‐"“”„「」『』«»＂'), max_size=200))
def test_prose_without_dashes_is_left_alone(text: str) -> None:
    assert split(text, IMAGINE.options) == ([], text.strip())


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
    assert said("", prompt="a fox --n 2", size="4k") == {"prompt": "a fox", "n": 2, "size": parse("4k")}
    assert said("a fox --n 2", n=2) == {"prompt": "a fox", "n": 2}
    with pytest.raises(BadOption) as caught:
        said("a fox --n 2", n=3)
    assert (caught.value.sentence, caught.value.params["option"]) == ("error-option-twice", "n")


@pytest.mark.parametrize("name", ["edit", "remix", "price"])
def test_the_words_of_a_form_have_flags(name: str) -> None:
    values = said("--of k3v9abcdef", BY_NAME[name], prompt="add snow\n--of “j2 2”")
    assert values == {"of": "j2 2", "prompt": "add snow"}
    with pytest.raises(BadOption) as caught:
        said("--of k3v9abcdef", BY_NAME[name], prompt="add snow --foo")
    assert caught.value.sentence == "error-option-unknown"


def test_a_form_of_flags_alone_lacks_its_words() -> None:
    with pytest.raises(BadInput) as caught:
        said('--of "k3v9abcdef"', BY_NAME["edit"], prompt="--size 16:9")
    assert (caught.value.sentence, caught.value.params) == ("error-prompt-empty", {"command": "edit"})


@pytest.mark.parametrize(
    ("name", "field", "words"),
    [
        ("key", "key", "sk-a --model b"),
        ("setup", "answer", "https://a --n 2"),
        ("jamadd", "phrase", "two --n 2"),
    ],
)
def test_what_is_no_prompt_stays_as_it_is(name: str, field: str, words: str) -> None:
    more = {"jam": "k3v9abcdef"} if name == "jamadd" else {}
    assert said("", BY_NAME[name], **{field: words}, **more)[field] == words


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


@pytest.mark.parametrize(
    "part", ["—", '"', "--n ", "--n '", "，--", "--n " + "， " * 9, "--n" + " " * 99, "。"]
)
def test_a_long_prompt_is_split_quickly(part: str) -> None:
    began = time.process_time()
    split(part * (50_000 // len(part)), IMAGINE.options)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("opening", ["“", "„", "「", "『", "«"])
def test_a_thousand_quotes_that_nobody_ends_are_words(opening: str) -> None:
    """Looked for from each of them to the end, they would keep everybody waiting."""
    text = f"{opening * 30_000} fox"
    assert split(f"{text} --n 2") == ([("n", "2")], text)
