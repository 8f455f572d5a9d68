"""``UPSTREAMS_FILE`` as operators write it: what is read, what is refused, what never shows."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import SetupError
from bot.model import ChatId, Endpoint
from bot.settings import ADDRESSES, Settings, defaults

WHOLE = """
[cheap]
dialect = "jojokey"
key = "sk-jojo"

[mine]
dialect = "jobs"
url = ["http://10.0.0.5:3000/v1", "http://relay.local"]
key = "sk-mine"
model = "gpt-image-2-pro"
chats = ["telegram:-1001234", "discord:5678"]

[free]
url = "https://image2free.com/"
key = "sk-free"

[playing]
dialect = "sandbox"
"""
Load = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    for name in {*os.environ} & {*defaults(), "LC_ALL", "LC_MESSAGES", "LANG"}:
        monkeypatch.delenv(name)

    def _load(relays: str, env: str = "") -> Settings:
        file = tmp_path / "relays.toml"
        file.write_text(relays, encoding="utf-8")
        (tmp_path / ".env").write_text(f"UPSTREAMS_FILE={file}\n{env}", encoding="utf-8")
        return Settings.load(tmp_path / ".env")

    return _load


def problems(load: Load, relays: str) -> list[str]:
    with pytest.raises(SetupError) as caught:
        load(relays)
    assert caught.value.sentence == "setup-settings"
    return str(caught.value.params["problems"]).splitlines()


def test_every_field_is_read(load: Load) -> None:
    cheap, mine, free, playing = load(WHOLE).offers
    assert cheap.endpoint == Endpoint("operator:cheap", "jojokey", ADDRESSES["jojokey"], "sk-jojo")
    urls = ("http://10.0.0.5:3000/v1", "http://relay.local")
    assert mine.endpoint == Endpoint("operator:mine", "jobs", urls, "sk-mine", "gpt-image-2-pro")
    assert mine.chats == {ChatId("telegram:-1001234"), ChatId("discord:5678")}
    assert free.endpoint.dialect == "image2free"
    assert playing.endpoint.dialect == "sandbox"
    assert [offer.name for offer in (cheap, mine, free, playing)] == ["cheap", "mine", "free", "playing"]


def test_the_first_for_all_serves_those_who_chose_nothing(load: Load) -> None:
    assert load(WHOLE).endpoint.name == "operator:cheap"
    own = load(WHOLE, "UPSTREAM_DIALECT=shenfeng\nUPSTREAM_KEY=sk-own")
    assert (own.endpoint.name, own.endpoint.dialect) == ("operator", "shenfeng")
    assert len(own.endpoints) == 5
    for_some = '[mine]\ndialect = "jojokey"\nkey = "k"\nchats = "telegram:1"'
    assert load(for_some).endpoint.dialect == "sandbox"


def test_no_key_is_ever_shown(load: Load) -> None:
    settings = load(WHOLE)
    assert {"sk-jojo", "sk-mine", "sk-free"} <= set(settings.secrets)
    assert "sk-" not in f"{settings!r} {settings.describe()}"


WRONG = {
    "[cheap]": ["needs a dialect"],
    '[cheap]\ndialect = "jojokey"': ["needs a key"],
    '[cheap]\ndialect = "jobs"\nkey = "k"': ["needs a url"],
    '[cheap]\ndialect = "midjourney"\nkey = "k"': ["a dialect that can't be; it should be like shenfeng"],
    '[cheap]\ndialect = "jobs"\nkey = "sk with spaces"\nurl = "https://x.example"': [
        "a key that can't be",
        "needs a key",
    ],
    '[cheap]\ndialect = "jobs"\nkey = "k"\nurl = "relay.example"': ["a url that can't be"],
    '[cheap]\ndialect = "jobs"\nkey = "k"\nurl = "ftp://relay.example"': ["a url that can't be"],
    '[cheap]\ndialect = "jobs"\nkey = "k"\nurl = 7': ["a url that can't be", "needs a url"],
    '[cheap]\ndialect = "jojokey"\nkey = 7': ["a key that can't be", "needs a key"],
    '[cheap]\ndialect = "jojokey"\nkey = "k"\nchats = ["group"]': ["a chats that can't be"],
    '[cheap]\ndialect = "jojokey"\nkey = "k"\nurls = "x"\nprice = 1': ["has a price", "has a urls"],
    '["my relay"]\ndialect = "jojokey"\nkey = "k"': ["“my relay” can't be an image service"],
    '[default]\ndialect = "jojokey"\nkey = "k"': ["“default” can't be an image service"],
    'cheap = "jojokey"': ["“cheap” can't be an image service", "needs a dialect"],
}


@pytest.mark.parametrize("relays", WRONG)
def test_what_is_wrong_is_said_all_at_once(load: Load, relays: str) -> None:
    said = sorted(problems(load, relays))
    assert len(said) == len(WRONG[relays])
    for sentence, expected in zip(said, sorted(WRONG[relays]), strict=True):
        assert expected in sentence
        assert "relays.toml" in sentence
        assert "sk with spaces" not in sentence


@pytest.mark.parametrize("relays", ["[cheap", "key = ", "[a]\n[a]"])
def test_a_file_that_is_no_toml(load: Load, relays: str) -> None:
    with pytest.raises(SetupError) as caught:
        load(relays)
    assert caught.value.sentence == "setup-relays-file"


def test_a_file_that_is_not_there(tmp_path: Path, load: Load) -> None:
    with pytest.raises(SetupError) as caught:
        load("", f"UPSTREAMS_FILE={tmp_path}/nowhere.toml")
    assert "nowhere.toml" in str(caught.value.params["path"])


def test_an_empty_file_is_fine(load: Load) -> None:
    assert load("").offers == ()
