"""Secrets: sealed where they are kept, shortened where they are shown, blotted out where they slip.

`Vault` seals keys at rest; `hint` is all that a person sees of one; `redact` and `Redacting`
keep tokens, keys and base64 out of every log and every sentence.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import logging
import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import SealBroken, SetupError

_VERSION = b"\x01"
_NONCE = 12
_LEAST_SECRET = 16


class Vault:
    """Seals short secrets with AES-256-GCM under a key derived (HKDF-SHA256) from ``secret``.

    A sealed blob is one version byte, a random nonce of 12 bytes and the ciphertext with its
    tag. ``about`` is authenticated with it, so what was sealed for one chat opens for no other.
    """

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(HKDF(SHA256(), 32, salt=None, info=b"easel vault 1").derive(secret))
        self._names = HKDF(SHA256(), 32, salt=None, info=b"easel pseudonyms 1").derive(secret)
        self._seal = HKDF(SHA256(), 32, salt=None, info=b"easel vouching 1").derive(secret)

    def __repr__(self) -> str:
        return "Vault(…)"

    def pseudonym(self, of: str, towards: str) -> str:
        """Always the same 32 hexadecimal digits, of which nobody can tell who is meant."""
        return hmac.digest(self._names, f"{towards}\0{of}".encode(), "sha256").hex()[:32]

    def vouch(self, text: str) -> str:
        """``text_`` and ten letters that only we can have put there, of ``a-z2-7``; see `vouched`."""
        mac = hmac.digest(self._seal, text.encode(), "sha256")
        return f"{text}_{base64.b32encode(mac)[:10].decode().lower()}"

    def vouched(self, text: str) -> str | None:
        """What was vouched for; ``None`` for what was made up."""
        said = text.rpartition("_")[0]
        return said if hmac.compare_digest(self.vouch(said).encode(), text.encode()) else None

    def seal(self, secret: str | bytes, about: str) -> bytes:
        """Sealed bytes, different each time."""
        raw = secret.encode() if isinstance(secret, str) else secret
        nonce = os.urandom(_NONCE)
        return _VERSION + nonce + self._cipher.encrypt(nonce, raw, _bound(about))

    def open(self, sealed: bytes, about: str) -> bytes:
        """What was sealed. Raises `SealBroken` when it was changed, or sealed under another key or name."""
        if sealed[:1] != _VERSION:
            raise SealBroken
        nonce, ciphertext = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            return self._cipher.decrypt(nonce, ciphertext, _bound(about))
        except (InvalidTag, ValueError) as error:
            raise SealBroken from error


def _bound(about: str) -> bytes:
    return _VERSION + about.encode()


def load_secret(given: str, file: Path) -> bytes:
    """``SECRET_KEY`` where it is given, else the content of ``file``, made at the first start (mode 0600).

    Raises `SetupError` when it is too short, can't be read or written, or is damaged.
    """
    if given:
        if len(given) < _LEAST_SECRET:
            raise SetupError("setup-secret-short", least=_LEAST_SECRET)
        return given.encode()
    try:
        if not file.exists():
            _create(file, base64.urlsafe_b64encode(secrets.token_bytes(32)))
        text = file.read_bytes().strip()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SetupError("setup-secret-file", path=str(file), reason=reason) from error
    try:
        secret = base64.b64decode(text, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != 32:
        raise SetupError("setup-secret-damaged", path=str(file))
    return secret


def _create(file: Path, content: bytes) -> None:
    """On disk as a whole or not at all; of two processes that start together the first one's stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content + b"\n")
        out.flush()
        os.fsync(out.fileno())
    try:
        file.hardlink_to(draft)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        draft.replace(file)
    draft.unlink(missing_ok=True)


# --- what is shown --------------------------------------------------------------------------

GONE = "…"

_TELEGRAM = r"(?<!\d)\d{6,}(?::|%3[Aa])[\w-]{30,}"
_DISCORD = r"(?<![\w-])(?:mfa\.[\w-]{20,}|[\w-]{23,30}\.[\w-]{6,7}\.[\w-]{27,})"
_SK = r"(?<![A-Za-z0-9])(?:sk|pk|rk)-[\w-]{8,}"
_NAMES = r"api[_-]?key|[a-z_-]{0,20}token|[a-z_-]{0,20}secret|password|passwd|signature|sig|authorization|key"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"data:[\w.+/-]{0,80}(?:;[\w=.-]{1,40})*;base64,[\w+/=\\%-]*", re.IGNORECASE),
        f"data:{GONE}",
    ),
    (re.compile(r"\b(bearer|basic)(\s+|%20|\+)[^\s\"',;]+", re.IGNORECASE), rf"\1 {GONE}"),
    (re.compile(_TELEGRAM), GONE),
    (re.compile(_DISCORD), GONE),
    (re.compile(_SK), f"sk-{GONE}"),
    (re.compile(r"(://[^\s/:@]*:)[^\s/@]+@"), rf"\1{GONE}@"),
    (re.compile(rf"([?&](?:{_NAMES})=)[^&\s\"'#]+", re.IGNORECASE), rf"\1{GONE}"),
    (re.compile(rf"(\b(?:{_NAMES})[\"']?\s*[:=]\s*[\"']?)[^\s\"',;&]{{12,}}", re.IGNORECASE), rf"\1{GONE}"),
)
_LONG = re.compile(r"[A-Za-z0-9+/_=\\-]{64,}")
_TYPED = re.compile(rf"{_TELEGRAM}|{_DISCORD}|(?<![A-Za-z0-9])sk-[\w-]{{16,}}|\b[Bb]earer\s+[\w.-]{{16,}}")
_BARE = re.compile(
    r"(?<![\w-])(?:(?=[a-z0-9]*[A-Z])(?=[A-Z0-9]*[a-z])(?=(?:[A-Za-z]*\d){2})[A-Za-z0-9]{28,}|[0-9a-f]{32,})(?![\w-])",
    re.ASCII,  # a key right after Chinese words is one too
)
_URL = re.compile(r"https?://\S+")


def redact(text: str) -> str:
    """The text without keys, tokens, passwords in URLs, data URIs and long runs of base64."""
    for pattern, put in _RULES:
        text = pattern.sub(put, text)
    return _LONG.sub(_without_base64, text)


def _without_base64(found: re.Match[str]) -> str:
    """A path or a hash is as long as a key, but has no such mix of characters."""
    run = found[0]
    mixed = any(c.isupper() for c in run) and any(c.islower() for c in run) and any(c.isdigit() for c in run)
    return GONE if mixed or len(run) > 200 else run


def hint(key: str) -> str:
    """All that is ever shown of a key: ``sk-…abcd``; of a short one nothing."""
    key = key.strip()
    prefix = "sk-" if key.startswith("sk-") else ""
    return f"{prefix}{GONE}{key[-4:]}" if len(key) >= 16 else f"{prefix}{GONE}"


def looks_like_key(text: str) -> bool:
    """Whether a message seems to hold an API key or a bot's token, so that it should not stay in a group."""
    return bool(_TYPED.search(text) or _BARE.search(_URL.sub("", text)))


class Redacting(logging.Filter):
    """Blots secrets out of a record: its message, arguments, exception and stack.

    ``known`` are values to hide wherever they occur, whatever they look like.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        super().__init__()
        self._known = tuple(sorted((value for value in known if len(value) >= 4), key=len, reverse=True))

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._clean(_message(record)), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self._clean(record.exc_text)
        if record.stack_info:
            record.stack_info = self._clean(record.stack_info)
        return True

    def _clean(self, text: str) -> str:
        for value in self._known:
            text = text.replace(value, GONE)
        return redact(text)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # logging itself would print the arguments, secrets and all
        return f"{record.msg} {record.args!r}"
