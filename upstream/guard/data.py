"""``data:`` URLs: the file is in the address itself."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pybase64

from bot.errors import BadAddress
from upstream.guard.answer import page, too_large

_HEAD = re.compile(r"\s*data:([^,;]{0,200})((?:;[^,;]{0,200}){0,8}),", re.IGNORECASE)
_PIECE = 1 << 20  # characters decoded at once: a multiple of four
_SPACE = b" \t\r\n"
_URLSAFE = bytes.maketrans(b"-_", b"+/")
_HOST = "data:"


def is_data(url: str) -> bool:
    return url[:64].lstrip()[:5].lower() == "data:"


def decode(url: str, to: Path, most_bytes: int) -> None:
    """Write what a data URL holds to a file; blocking. Raises `BadAddress`, and leaves no file then."""
    head = _HEAD.match(url)
    if head is None:
        raise BadAddress
    if page(head[1]):
        raise BadAddress("error-address-not-file", host=_HOST)
    if len(url) > 4 * most_bytes + head.end():  # more than that even if all of it were percent and blanks
        raise too_large(_HOST, most_bytes)
    body = url[head.end() :].encode()
    if b"%" in body:
        body = unquote_to_bytes(body)
    if head[2].lower().endswith(";base64"):
        _from_base64(body.translate(_URLSAFE, _SPACE).rstrip(b"="), to, most_bytes)
    elif len(body) > most_bytes:
        raise too_large(_HOST, most_bytes)
    else:
        to.write_bytes(body)


def _from_base64(text: bytes, to: Path, most_bytes: int) -> None:
    if len(text) * 3 // 4 > most_bytes:
        raise too_large(_HOST, most_bytes)
    text += b"=" * (-len(text) % 4)
    try:
        with to.open("wb") as file:
            for at in range(0, len(text), _PIECE):
                file.write(pybase64.b64decode(text[at : at + _PIECE], validate=True))
    except ValueError as error:
        to.unlink(missing_ok=True)
        raise BadAddress from error
