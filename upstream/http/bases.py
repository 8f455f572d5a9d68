"""The address of a relay, as people type it."""

from __future__ import annotations

import re
from functools import lru_cache

import httpx

from bot.errors import BadAddress, NotFound

_CALL = re.compile(r"/v1(/(images|jobs|files|videos|tasks|models|usage|me|chat)(/.*)?)?$")
"""What people copy along with an address: the version, or a whole call."""


@lru_cache(maxsize=256)
def base_of(text: str) -> httpx.URL:
    """A base URL: with or without scheme, ``/v1``, a whole call, a slash at the end; behind a path or not.

    Raises `httpx.InvalidURL`.
    """
    text = text.strip()
    url = httpx.URL(text if "://" in text else f"https://{text}")
    if url.scheme not in ("http", "https") or not url.host or " " in text:
        raise httpx.InvalidURL(text)
    path = _CALL.sub("", url.path.rstrip("/"))
    return url.copy_with(path=path or "/", query=None, fragment=None, userinfo=b"")


def refused(error: BadAddress) -> NotFound:
    """An address that a chat named and that is not gone out to; nothing was sent there."""
    found = NotFound(error.sentence)
    found.params |= error.params
    return found
