"""Settings as operators write them: what is read, what is refused in which words, what never shows."""

from __future__ import annotations

import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

from bot.errors import SetupError
from bot.settings import ADDRESSES, Settings, defaults, machine_language

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw_x"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that says nothing, in English."""
    for name in {*os.environ} & {*defaults(), "LC_ALL", "LC_MESSAGES", "LANG"}:
        monkeypatch.delenv(name)


Load = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def _load(text: str = "") -> Settings:
        file = tmp_path / ".env"
        file.write_text(text, encoding="utf-8")
        return Settings.load(file)

    return _load


def problems(load, text: str) -> list[str]:
    with pytest.raises(SetupError) as caught:
        load(text)
    assert caught.value.sentence == "setup-settings"
    return str(caught.value.params["problems"]).splitlines()


def test_with_nothing_set_there_is_a_sandbox_on_this_machine_alone(load: Load) -> None:
    for settings in (load(), Settings.load("/nowhere/.env")):
        assert (settings.web.host, settings.web.port, settings.web.password) == ("127.0.0.1", 8000, "")
        assert (settings.telegram.token, settings.discord.token) == ("", "")
        assert (settings.endpoint.name, settings.endpoint.dialect) == ("operator", "sandbox")
        assert settings.folder == Path("data").absolute()
        assert settings.describe() == []
        assert settings.warnings == ()
        assert settings.caps.running_chat == 4
        assert set(settings.quotas.__dataclass_fields__) == {
            "total_daily", "total_monthly", "chat_daily", "chat_monthly", "member_daily", "member_monthly"
        }  # fmt: skip


def test_everything_can_be_set(load: Load) -> None:
    settings = load(f"""
        TELEGRAM_TOKEN={TOKEN}
        TELEGRAM_API_URL=http://127.0.0.1:8081/
        TELEGRAM_WEBHOOK_URL=https://easel.example/telegram
        DISCORD_TOKEN=any.thing-goes
        DISCORD_SHARDS=3
        WEB_PORT=0
        UPSTREAM_DIALECT=Xinliu
        UPSTREAM_KEY=sk-1234567890abcdef
        UPSTREAM_MODEL=gpt-image-2-pro
        STORE_URL=sqlite:////var/lib/easel/e.db
        TRUSTED_HOSTS=Relay.local:8443, 10.0.0.7
        OPERATORS=telegram:123, discord:456
        ACCESS=open
        QUOTA_CHAT_DAILY=2.50
        QUOTA_TOTAL_MONTHLY=100
        QUOTA_MEMBER_DAILY=0
        MAX_RUNNING=9
        MAX_WAITING_MEMBER=7
        MAX_TRANSFERS=2
        SANDBOX_DELAY=0.25
        KEEP_DAYS=7
        LANGUAGE=zh-CN
        LOG_LEVEL=DEBUG
        LOG_FORMAT=json
        """)
    assert settings.telegram.api_url == "http://127.0.0.1:8081"
    assert settings.discord.shards == 3
    assert settings.web.port == 0
    assert settings.endpoint.urls == ADDRESSES["xinliu"]
    assert (settings.endpoint.key, settings.endpoint.model) == ("sk-1234567890abcdef", "gpt-image-2-pro")
    assert settings.folder == Path("/var/lib/easel")
    assert settings.house.trusted_hosts == ("relay.local:8443", "10.0.0.7")
    assert settings.house.operators == ("telegram:123", "discord:456")
    assert settings.open_access
    assert (settings.quotas.chat_daily, settings.quotas.total_monthly) == (2_500_000, 100_000_000)
    assert (settings.quotas.member_daily, settings.quotas.member_monthly) == (0, None)
    assert (settings.caps.running, settings.caps.waiting_member, settings.most.transfers) == (9, 7, 2)
    assert (settings.house.sandbox_delay, settings.house.keep_days) == (0.25, 7)
    assert (settings.language, settings.house.log_level, settings.house.log_format) == (
        "zh-Hans",
        "debug",
        "json",
    )


@trying(max_examples=25)
@given(count=st.integers(0, 10**9 - 1), digits=st.integers(0, 6))
def test_money_is_exact(count: int, digits: int) -> None:
    text = f"{Decimal(count).scaleb(-digits):f}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUOTA_CHAT_DAILY", text)
        assert Settings.load("/nowhere").quotas.chat_daily == count * 10 ** (6 - digits)


def test_the_environment_wins_over_the_file(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_PORT", "9001")
    assert load("WEB_PORT=9002").web.port == 9001


@pytest.mark.parametrize("blank", ["", "   ", '""'])
def test_an_empty_value_is_unset(load: Load, blank: str) -> None:
    assert load("\n".join(f"{name}={blank}" for name in defaults())).describe() == []


def test_every_default_may_be_written_out(load: Load) -> None:
    assert load("\n".join(f"{name}={value}" for name, value in defaults().items())).describe() == []


WRONG = {
    "TELEGRAM_TOKEN=my-bot": "TELEGRAM_TOKEN is no token",
    "TELEGRAM_API_URL=127.0.0.1:8081": "begins with http:// or https://",
    "TELEGRAM_API_URL=http://a b": "TELEGRAM_API_URL can't be “http://a b”",
    "DISCORD_API_URL=http://x:port/": "DISCORD_API_URL",
    "TELEGRAM_WEBHOOK_URL=http://easel.example": "https://",
    "DISCORD_SHARDS=0": "from 1 to 1000",
    "WEB_PORT=80000": "WEB_PORT can't be “80000”; give a number from 0 to 65535.",
    "WEB_PORT=eighty": "“eighty”",
    "WEB_PORT=-1": "“-1”",
    "UPSTREAM_DIALECT=midjourney": "shenfeng, jobs, xinliu, image2free, jojokey, openai, sandbox",
    "UPSTREAM_URL=https://a.example,relay.example": "UPSTREAM_URL",
    "UPSTREAM_KEY=Bearer sk-1234567890abcdef": "UPSTREAM_KEY holds a space",
    "UPSTREAM_KEY=密钥": "UPSTREAM_KEY holds a space or a sign",
    "UPSTREAM_KEY=sk-1234567890abcdef": "set UPSTREAM_DIALECT to one of shenfeng",
    "UPSTREAM_DIALECT=shenfeng": "needs a key",
    "UPSTREAM_DIALECT=jobs\nUPSTREAM_KEY=k": "UPSTREAM_URL",
    "OPERATORS=@somebody": "OPERATORS can't be “@somebody”; give people like telegram:123,discord:456.",
    "OPERATORS=telegram:123 discord:me": "OPERATORS",
    "TRUSTED_HOSTS=https://relay.local/x": "TRUSTED_HOSTS",
    "ACCESS=everyone": "choose one of approve, open",
    "QUOTA_CHAT_DAILY=2,50": "QUOTA_CHAT_DAILY can't be “2,50”; give an amount like 2.50",
    "QUOTA_CHAT_DAILY=-1": "QUOTA_CHAT_DAILY",
    "QUOTA_CHAT_DAILY=1.0000001": "QUOTA_CHAT_DAILY",
    "MAX_RUNNING_CHAT=0": "from 1 to 1000",
    "KEEP_DAYS=forever": "KEEP_DAYS",
    "SANDBOX_DELAY=soon": "SANDBOX_DELAY",
    "LANGUAGE=Klingon": "LANGUAGE can't be “Klingon”; choose one of en, zh-Hans.",
    "LOG_LEVEL=loud": "choose one of debug, info, warning, error",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_value_is_one_sentence_that_names_what_is_allowed(load: Load, text: str) -> None:
    found = problems(load, text)
    assert len(found) == 1
    assert WRONG[text] in found[0]


def test_all_problems_are_told_at_once_and_in_the_machines_language(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert machine_language() == "zh-Hans"
    found = problems(load, "WEB_PORT=x\nLOG_LEVEL=y\nACCESS=z")
    assert len(found) == 3
    assert found[0] == "WEB_PORT 不能是“x”；请填 0 到 65535 之间的数字。"


def test_no_secret_is_in_a_sentence_a_repr_or_a_description(load: Load) -> None:
    wrong = "TELEGRAM_TOKEN=hush-hush one\nUPSTREAM_KEY=hush-hush two\nUPSTREAM_URL=ftp://u:hush-hush@x"
    assert "hush-hush" not in "\n".join(problems(load, wrong))
    settings = load(
        f"TELEGRAM_TOKEN={TOKEN}\nDISCORD_TOKEN=hush-d\nWEB_PASSWORD=hush-w\nSECRET_KEY=hush-s-and-long-enough\n"
        "UPSTREAM_DIALECT=openai\nUPSTREAM_KEY=hush-u\nSTORE_URL=sqlite:///hush-db\n"
        "UPSTREAM_URL=https://me:hush-p@relay.example"
    )
    shown = "\n".join([repr(settings), *settings.describe()])
    assert "hush" not in shown.replace("https://me:hush-p@relay.example", "")
    assert TOKEN not in shown
    assert set(settings.secrets) == {TOKEN, "hush-d", "hush-w", "hush-s-and-long-enough", "hush-u"}
    assert "UPSTREAM_DIALECT=openai" in settings.describe()
    assert "UPSTREAM_URL=https://me:…@relay.example" in settings.describe()


@pytest.mark.parametrize("dialect", [name for name, urls in ADDRESSES.items() if urls])
def test_a_known_service_needs_no_address_and_is_known_by_it(load: Load, dialect: str) -> None:
    key = "UPSTREAM_KEY=sk-1234567890abcdef\n"
    assert load(f"{key}UPSTREAM_DIALECT={dialect}").endpoint.urls == ADDRESSES[dialect]
    for url in ADDRESSES[dialect]:
        assert load(f"{key}UPSTREAM_URL={url}/v1/").endpoint.dialect == dialect


def test_a_dialect_that_is_not_spoken_yet_can_not_be_chosen(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("UPSTREAM_DIALECT=openai\nUPSTREAM_KEY=k\n")
    with pytest.raises(SetupError) as caught:
        Settings.load(tmp_path / ".env", ("shenfeng", "sandbox"))
    told = str(caught.value.params["problems"])
    assert told == "UPSTREAM_DIALECT can't be “openai”; choose one of shenfeng, sandbox."


def test_a_key_goes_only_where_its_owner_says(load: Load) -> None:
    endpoint = load("UPSTREAM_KEY=k\nUPSTREAM_URL=http://127.0.0.1:9/").endpoint
    assert (endpoint.dialect, endpoint.urls) == ("shenfeng", ("http://127.0.0.1:9",))


def test_a_misspelt_name_in_the_file_is_told_with_the_right_one(load: Load) -> None:
    settings = load("TELEGRAM_TOKN=1\nQUOTA_CHAT_DAILLY=2\nPATH_TO_SOMETHING=3\nPORT=4\n")
    assert len(settings.warnings) == 2
    assert "TELEGRAM_TOKN" in settings.warnings[0]
    assert "TELEGRAM_TOKEN is one" in settings.warnings[0]
    assert "QUOTA_CHAT_DAILY is one" in settings.warnings[1]


def test_a_line_that_says_nothing_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "C")
    file = tmp_path / ".env"
    file.write_text("# mine\n\n\n@ what is this\nWEB_PORT=9003\n\nnot a line\nnothing\n")
    settings = Settings.load(file)
    assert settings.web.port == 9003
    (said,) = settings.warnings
    assert said.startswith(f"Lines 4, 7, 8 of {file} can't be read")
    assert not caplog.records
    file.write_text("\n'open\n")
    (said,) = Settings.load(file).warnings
    assert said.startswith("Line 2 of")
    file.write_text("!?\n" * 9 + "WEB_PORT=many\n")
    with pytest.raises(SetupError) as caught:
        Settings.load(file)
    assert "Lines 1, 2, 3, 4, 5, … of" in str(caught.value.params["problems"])


def test_a_file_from_notepad_is_read(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"\xef\xbb\xbfWEB_PORT=9003\r\n# \xe6\xb3\xa8\xe9\x87\x8a\r\nLOG_FORMAT=json\r\n")
    settings = Settings.load(file)
    assert (settings.web.port, settings.house.log_format) == (9003, "json")


def test_a_file_that_can_not_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"WEB_PASSWORD=caf\xe9\n")
    (tmp_path / "folder").mkdir()
    for name in ("latin", "folder"):
        with pytest.raises(SetupError) as caught:
            Settings.load(tmp_path / name)
        assert caught.value.sentence == "setup-env-file"
        assert "caf" not in str(caught.value.params)


@pytest.mark.parametrize(
    ("written", "around", "spoken"),
    [
        ("", "", ""),
        ("", "en_GB:en", "en"),
        ("", "zh_CN", "zh-Hans"),
        ("", "tlh:zh", "zh-Hans"),
        ("", "fr_FR:fr", ""),
        ("zh-Hans", "en_GB:en", "zh-Hans"),
        ("en", "zh_CN", "en"),
    ],
)
def test_the_language_of_the_file_comes_before_the_desktops(
    load: Load, monkeypatch: pytest.MonkeyPatch, written: str, around: str, spoken: str
) -> None:
    monkeypatch.setenv("LANGUAGE", around)
    assert load(f"LANGUAGE={written}").language == spoken


def test_settings_can_not_be_changed(load: Load) -> None:
    settings = load()
    with pytest.raises(Exception, match="frozen"):
        settings.web.port = 1
