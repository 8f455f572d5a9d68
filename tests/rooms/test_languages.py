"""A language is one file: in the folder, it is spoken everywhere, and what it lacks is said in English."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from adapters.discord.declare import declared
from adapters.telegram.menu import menus
from bot.commands import COMMANDS
from bot.i18n import FOLDER, Words
from tests.rooms.conftest import House
from tests.rooms.test_audit import house_user

GERMAN = """
language-name = Deutsch
command-imagine = Aus Worten ein Bild
settings-changed = Geändert:
rules-none = Hier gilt keine Regel.
"""


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Words:
    """The languages that ship with Easel, and one file more."""
    folder = tmp_path_factory.mktemp("languages") / "locales"
    shutil.copytree(FOLDER, folder)
    (folder / "de.ftl").write_text(GERMAN, encoding="utf-8")
    return Words(folder)


async def test_one_file_is_enough(german: Words, tmp_path: Path) -> None:
    async with House(tmp_path, words=german).lives() as house:
        house.stage.admins = {house_user("ann")}

        async def said(words: str, speaks: str = "en") -> str:
            await house.stage.say(words, speaks=speaks)
            return house.stage.shown()[-1].text

        assert "gilt keine Regel" in await said("/rules", "de-AT"), "what a person's client speaks"
        assert "gilt keine Regel" not in await said("/rules")
        assert "Geändert" in await said("/settings language Deutsch")
        offered = [button.label for button in house.stage.shown()[-1].buttons[0]]
        assert offered == ["Deutsch", "English", "简体中文"]
        assert (await said("/settings n 2")).startswith("Geändert:"), "what the chat speaks comes first"
        assert "gilt keine Regel" in await said("/rules", "zh-CN")
        assert "Aus Worten ein Bild" in await said("/help imagine")
        assert "What this chat and you have left" in await said("/help balance"), "what is missing is English"
        await said("/setup")
        form = house.stage.shown()[-1].form
        assert form
        assert [field.choices for field in form.fields if field.name == "language"] == [
            ("de", "en", "zh-Hans")
        ]
        assert "de, en, zh-Hans" in await said("/settings language klingon")


def test_menus_and_slash_commands_speak_it(german: Words) -> None:
    offered = menus(COMMANDS, german)
    assert offered.keys() == {None, "de", "zh"}
    assert offered["de"][0].description == "Aus Worten ein Bild"
    assert offered["de"][1].description == offered[None][1].description
    imagine = declared(COMMANDS, german)[0]
    assert imagine["description_localizations"]["de"] == "Aus Worten ein Bild"
    assert imagine["description_localizations"].keys() == {"de", "zh-CN", "zh-TW"}


def test_languages_that_a_platform_does_not_know_do_no_harm(tmp_path: Path) -> None:
    """Telegram takes codes of two letters, Discord its own list; a stranger among them would cost all."""
    for tag, said in (
        ("en", "Words to a picture"),
        ("tlh", "nagh"),
        ("zh-Hans", "图片"),
        ("zh-Hant", "圖片"),
    ):
        sentences = [f"command-{command.name} = {said} {command.name}" for command in COMMANDS]
        options = {f"option-{option.flag} = x" for command in COMMANDS for option in command.options}
        labels = [f"menu-{command.name} = {said}" for command in COMMANDS]
        (tmp_path / f"{tag}.ftl").write_text("\n".join([*sentences, *options, *labels]), encoding="utf-8")
    words = Words(tmp_path)
    assert menus(COMMANDS, words).keys() == {None, "zh"}
    said = declared(COMMANDS, words)[0]["description_localizations"]
    assert said == {"zh-CN": "图片 imagine", "zh-TW": "圖片 imagine"}
    assert [words.match(tag) for tag in ("zh-TW", "zh-Hant-HK", "zh_SG", "zh", "tlh-QX")] == [
        "zh-Hant",
        "zh-Hant",
        "zh-Hans",
        "zh-Hans",
        "tlh",
    ]
