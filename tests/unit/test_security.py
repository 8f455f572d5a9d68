"""Nothing secret survives: not in a blob, a log, an exception or a hint."""

from __future__ import annotations

import base64
import io
import logging
import re
import stat
import string
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import SealBroken, SetupError
from bot.security import Redacting, Vault, hint, load_secret, looks_like_key, redact

URLSAFE = string.ascii_letters + string.digits + "_-"
SECRET = b"0123456789abcdef0123456789abcdef"


def tokens(alphabet: str, least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=least, max_size=most)


# --- the vault ------------------------------------------------------------------------------


@given(content=st.binary(max_size=500) | st.text(max_size=200), about=st.text(max_size=60))
def test_what_is_sealed_opens_again_and_only_there(content: bytes | str, about: str) -> None:
    vault = Vault(SECRET)
    raw = content if isinstance(content, bytes) else content.encode()
    sealed = vault.seal(content, about)
    assert vault.open(sealed, about) == raw
    assert len(raw) < 8 or raw not in sealed
    assert vault.seal(content, about) != sealed
    with pytest.raises(SealBroken):
        vault.open(sealed, about + "x")
    with pytest.raises(SealBroken):
        Vault(SECRET + b"!").open(sealed, about)


@given(at=st.integers(0, 60), bit=st.integers(0, 7), cut=st.integers(0, 60))
def test_a_changed_seal_does_not_open(at: int, bit: int, cut: int) -> None:
    vault = Vault(SECRET)
    sealed = vault.seal("sk-a-key-that-pays-for-all", "telegram:-100")
    changed = bytearray(sealed)
    changed[at % len(sealed)] ^= 1 << bit
    for blob in (bytes(changed), sealed[: cut % len(sealed)], sealed + b"\0"):
        with pytest.raises(SealBroken):
            vault.open(blob, "telegram:-100")


def test_a_pseudonym_is_the_same_always_and_tells_nobody() -> None:
    vault, ann = Vault(b"a" * 32), "telegram:1"
    names = {vault.pseudonym(of, to) for of in (ann, "telegram:2") for to in ("operator", "telegram:-7")}
    assert len(names) == 4
    assert vault.pseudonym(ann, "operator") == Vault(b"a" * 32).pseudonym(ann, "operator")
    assert vault.pseudonym(ann, "operator") != Vault(b"b" * 32).pseudonym(ann, "operator")
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names)


def test_a_vault_does_not_show_itself() -> None:
    assert SECRET.decode() not in repr(Vault(SECRET)) + str(vars(Vault(SECRET)))


# --- the secret file ------------------------------------------------------------------------


def test_the_secret_is_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "data" / "secret"
    first = load_secret("", file)
    assert len(first) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_secret("", file) == first
    assert [path.name for path in file.parent.iterdir()] == ["secret"]


def test_a_given_secret_needs_no_file(tmp_path: Path) -> None:
    assert load_secret("a long enough secret", tmp_path / "secret") == b"a long enough secret"
    assert not list(tmp_path.iterdir())
    with pytest.raises(SetupError) as caught:
        load_secret("short", tmp_path / "secret")
    assert caught.value.sentence == "setup-secret-short"
    assert "short" not in str(caught.value.params)


@pytest.mark.parametrize("content", [b"", b"not base64!", base64.b64encode(b"too short"), bytes(40)])
def test_a_damaged_secret_is_never_replaced(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    with pytest.raises(SetupError) as caught:
        load_secret("", file)
    assert caught.value.sentence == "setup-secret-damaged"
    assert file.read_bytes() == content


def test_a_folder_that_can_not_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError) as caught:
        load_secret("", tmp_path / "file" / "secret")
    assert caught.value.sentence == "setup-secret-file"
    assert caught.value.params["path"] == str(tmp_path / "file" / "secret")


def test_two_first_starts_agree_on_one_secret(tmp_path: Path) -> None:
    found: list[bytes] = []
    start = threading.Barrier(8)

    def begin() -> None:
        start.wait()
        found.append(load_secret("", tmp_path / "secret"))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


# --- redaction ------------------------------------------------------------------------------

TELEGRAM = st.builds("{}:{}".format, st.integers(10**7, 10**11), tokens(URLSAFE, 33, 40))
DISCORD = st.builds(
    "{}.{}.{}".format, tokens(URLSAFE, 24, 28), tokens(URLSAFE, 6, 6), tokens(URLSAFE, 27, 40)
)
SK = st.builds("sk-{}".format, tokens(URLSAFE, 16, 60))
BASE64 = st.binary(min_size=300, max_size=400).map(lambda raw: base64.b64encode(raw).decode())
AROUND = st.sampled_from(
    [
        "{}",
        "the key is {}, be careful",
        "密钥{}。",
        "b'{}'",
        '{{"error": "bad {}"}}',
        "httpx.ConnectError: POST https://relay.example/v1 ({})",
        "Authorization: Bearer {}",
        "x\n{}\ny",
    ]
)

URLS = st.sampled_from(
    [
        "https://api.telegram.org/bot{}/getUpdates?offset=3",
        "https://api.telegram.org/file/bot{}/photos/file_1.jpg",
        "http%3A//127.0.0.1%3A8081/bot{}/sendPhoto",
    ]
)


def parts(secret: str) -> set[str]:
    """Every piece of twelve characters: no such piece may be left."""
    return {secret[at : at + 12] for at in range(len(secret) - 11)}


@settings(max_examples=100)
@given(secret=TELEGRAM | DISCORD | SK | BASE64, around=AROUND)
def test_no_piece_of_a_secret_is_left(secret: str, around: str) -> None:
    clean = redact(around.format(secret))
    assert not {piece for piece in parts(secret.removeprefix("sk-")) if piece in clean}
    assert redact(clean) == clean


@given(token=TELEGRAM, url=URLS)
def test_a_bot_token_inside_an_address_is_not_left(token: str, url: str) -> None:
    for spelt in (token, token.replace(":", "%3A")):
        clean = redact(url.format(spelt))
        assert not {piece for piece in parts(token.split(":")[1]) if piece in clean}
        assert "/bot…/" in clean


@given(
    secret=tokens(string.ascii_letters + string.digits, 12, 40),
    around=st.sampled_from(
        [
            "Bearer {}",
            "authorization: bearer {}",
            '{{"api_key": "{}"}}',
            "?access_token={}&x=1",
            "X-Telegram-Bot-Api-Secret-Token: {}",
            "postgresql://easel:{}@db.internal/easel",
            "{{'password': '{}'}}",
            "https://cdn.example/a.png?sig={}",
        ]
    ),
)
def test_what_is_named_a_secret_is_one(secret: str, around: str) -> None:
    assert secret not in redact(around.format(secret))


@given(
    raw=st.binary(min_size=1, max_size=400), kind=st.sampled_from(["image/png", "image/jpeg;name=a.jpg", ""])
)
def test_data_uris_lose_their_content(raw: bytes, kind: str) -> None:
    body = base64.b64encode(raw).decode()
    clean = redact(f'{{"image": "data:{kind};base64,{body}", "n": 1}}')
    assert clean == '{"image": "data:…", "n": 1}'


def test_base64_cut_into_lines_or_escaped_is_base64_still() -> None:
    body = base64.b64encode(bytes(range(256)) * 2).decode()
    assert len(redact(body.replace("/", "\\/"))) < 20
    assert len(redact("\n".join(body[at : at + 76] for at in range(0, len(body), 76)))) < 80


@pytest.mark.parametrize(
    "text",
    [
        "job k3v9abcdef failed: the relay is busy (request id: 20261120123456789)",
        "Unsupported size 1792x936; width and height must both be divisible by 16.",
        'File "/usr/lib/python3/packages/telegram/ext/_utils/a_rather_long_module_name_indeed.py", line 4',
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "GET https://relay.example/v1/images/jobs/job_01HX2 200",
        "telegram:-1001234567890:7",
        "Insufficient credits: 3 left",
        "密钥无效，请检查",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert redact(text) == text


def test_redaction_takes_time_in_proportion() -> None:
    for unit in ("a-", "://x:", "A1b", "sk-", "data:", "1", "a.", "token", "?key="):
        redact(unit * 20_000)
        looks_like_key(unit * 20_000)


# --- hints and keys typed in the open -------------------------------------------------------


@given(key=st.text(string.printable, max_size=80))
def test_a_hint_shows_four_characters_at_most(key: str) -> None:
    shown = hint(key)
    rest = shown.removeprefix("sk-").removeprefix("…")
    assert len(rest) <= 4
    assert len(key.strip()) >= 16 or not rest


def test_hints_as_people_see_them() -> None:
    assert hint("sk-1234567890abcd") == "sk-…abcd"
    assert hint(" 0123456789abcdefWXYZ ") == "…WXYZ"
    assert hint("sk-abc") == "sk-…"
    assert hint("") == "…"


@given(secret=TELEGRAM | DISCORD | SK, around=AROUND)
def test_keys_typed_in_the_open_are_seen(secret: str, around: str) -> None:
    assert looks_like_key(around.format(secret))


@pytest.mark.parametrize(
    "text",
    [
        "f3a91c0b7d2e4f5a8b6c9d0e1f2a3b4c",
        "密钥Zk3T9aQwXr7LmN2pBv8YcD4eFgHj",
        "key:Zk3T9aQwXr7LmN2pBv8YcD4eFgHj",
        "Bearer abcdefghijklmnop",
    ],
)
def test_bare_keys_are_seen(text: str) -> None:
    assert looks_like_key(text)


@pytest.mark.parametrize(
    "text",
    [
        "a corgi in a space suit, ultra-detailed, 8k --size 16:9",
        "IMG_20260101_123456_HDR.jpg",
        "like https://cdn.example/f3a91c0b7d2e4f5a8b6c9d0e1f2a3b4c/Zk3T9aQwXr7LmN2pBv8YcD4eFgHj.png?hm=f3a91c0b7d2e4f5a8b6c9d0e1f2a3b4c",
        "Donaudampfschifffahrtsgesellschaftskapitän",
        "123e4567-e89b-12d3-a456-426614174000",
        "ask-me-anything-about-mask-painting",
        "一只穿宇航服的柯基，背景是星空，超高清，电影感光线",
    ],
)
def test_prompts_are_no_keys(text: str) -> None:
    assert not looks_like_key(text)


# --- logs -----------------------------------------------------------------------------------

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw_x"


def logged(emit: object, known: tuple[str, ...] = ()) -> str:
    """What a handler with the filter writes when ``emit(logger)`` is called."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(Redacting(known))
    logger = logging.Logger("test")
    logger.addHandler(handler)
    emit(logger)  # type: ignore[operator]
    return out.getvalue()


class Shy:
    def __str__(self) -> str:
        return f"<Shy {TOKEN}>"

    __repr__ = __str__


def test_messages_and_arguments_are_clean() -> None:
    text = logged(lambda log: log.error("GET %s took %d ms %r", f"https://x/bot{TOKEN}/a", 3, {"shy": Shy()}))
    assert TOKEN[12:] not in text
    assert "took 3 ms" in text


def test_exceptions_their_causes_and_stacks_are_clean() -> None:
    def connect() -> None:
        raise OSError(f"cause {TOKEN}")

    def emit(log: logging.Logger) -> None:
        try:
            try:
                connect()
            except OSError as error:
                raise ValueError(f"effect {TOKEN}") from error
        except ValueError:
            log.exception("broke", stack_info=True)

    text = logged(emit)
    assert TOKEN[12:] not in text
    assert "ValueError: effect" in text
    assert "OSError: cause" in text


def test_a_message_that_can_not_be_formatted_is_clean_too(capsys: pytest.CaptureFixture[str]) -> None:
    text = logged(lambda log: log.error("%d pictures", Shy()))
    assert "pictures" in text
    assert TOKEN[12:] not in text + capsys.readouterr().err


def test_known_values_are_hidden_whatever_they_look_like() -> None:
    text = logged(lambda log: log.error("the password is %s", "open sesame"), known=("open sesame", ""))
    assert text == "the password is …\n"
