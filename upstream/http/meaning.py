"""What a relay's refusal means: by HTTP status first, then by its words. Pure; UPSTREAMS, section 5, row 1.

Foreign errors are turned into `bot.errors` here and nowhere else. What people may read of them
is short, and never holds a key or base64.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from bot.errors import (
    BadKey,
    BadRequest,
    Forbidden,
    Moderated,
    NotFound,
    OutOfCredit,
    UpstreamBusy,
    UpstreamDown,
    UpstreamError,
    UpstreamFailed,
)
from upstream.scan import parsed

LONGEST = 300
"""Characters of a relay's text that are passed on."""

_LOOKED_AT = 64 * 1024

_BY_STATUS: dict[int, type[UpstreamError]] = {
    401: BadKey,
    402: OutOfCredit,
    403: Forbidden,
    404: NotFound,
    408: UpstreamDown,
    429: UpstreamBusy,
    499: UpstreamDown,
}
# new-api says 401 of a token whose credit is used up and 403 of such an account, OpenAI says 429.
_SAID_OTHERWISE = frozenset({401, 403, 429})
_NO_CHANNEL = r"no available channel|无可用渠道"
_WORDS: tuple[tuple[type[UpstreamError], str], ...] = (
    (
        Moderated,
        r"moderation.(block|fail|reject|refus)|content.(policy|filter)|safety.(system|violation)"
        r"|内容(审核|安全|政策)|违规|敏感",
    ),
    (
        OutOfCredit,
        r"insufficient.(\w{1,40}.)?(credit|quota|balance|fund)"
        r"|quota.(exceeded|exhausted|is not enough|failed)|billing.(hard.)?limit"
        r"|(余额|额度)(不足|已?用尽|已?耗尽)|预扣费额度失败",
    ),
    (BadKey, r"(invalid|incorrect|wrong|expired|disabled).(api.?key|token)|无效的?.?(令牌|密钥|api)"),
    (UpstreamBusy, r"rate.?limit|too many requests|queue.(is.)?full|队列已满|请求过于频繁"),
    (UpstreamDown, rf"upstream.error|{_NO_CHANNEL}"),
)
_ID_HEADERS = ("x-request-id", "x-oneapi-request-id", "request-id", "cf-ray")
_ID_IN_TEXT = re.compile(r"request.?id[\"'\s:=]+([\w.-]{6,80})", re.IGNORECASE)
_ID = re.compile(r"[\w.:/+=-]{1,80}", re.ASCII)
_SECRET = re.compile(r"\bsk-[\w-]{6,}|(?<=bearer )\S+|[\w+/-]{80,}=*", re.IGNORECASE)
_HEADING, _TAG = re.compile(r"<(title|h1)[^<>]{0,200}>", re.IGNORECASE), re.compile(r"<[^<>]{0,1000}>")
_TEXT_KEYS = ("message", "error", "detail", "error_message", "msg", "reason", "title")
_WORD_KEYS = ("code", "type")


def explain(status: int, headers: Mapping[str, str], body: bytes, key: str = "") -> UpstreamError:
    """The error that an answer with ``status`` means; ``body`` may be JSON of any form, HTML or text."""
    said, words = _said(body)
    kind = _kind(status, words)
    return kind(
        detail=shown(said, key),
        request_id=shown(request_id(headers, body), key),
        retry_after=seconds(headers.get("retry-after", "")),
        http=status,
    )


def failed(said: Any, key: str = "", http: int = 0) -> UpstreamError:
    """The error that a job's own ``error`` or ``error_message`` means; ``None``: a failure without words."""
    text, words = _gathered(said), _gathered(said, codes=True)
    return (_by_words(words) or _by_number(said) or UpstreamFailed)(detail=shown(text, key), http=http)


def complaint(document: Any, key: str = "") -> UpstreamError | None:
    """The error that a document under 200 holds, if it does."""
    if not isinstance(document, dict):
        return None
    if said := document.get("error"):
        return failed(document if said is True else said, key, 200)
    return failed(document, key, 200) if document.get("success") is False else None


def refused(status: int, headers: Mapping[str, str], error: UpstreamError) -> bool:
    """Whether nothing was accepted, for sure; otherwise the order may have been taken and charged."""
    if type(error) is not UpstreamDown or (status in range(300, 500) and status not in (408, 499)):
        return True
    said = str(error.params["detail"])
    return never_arrived(status, headers) or bool(re.search(_NO_CHANNEL, said, re.IGNORECASE))


def never_arrived(status: int, headers: Mapping[str, str]) -> bool:
    """Whether Cloudflare itself says that it did not reach the relay: nobody else may say so."""
    edge = headers.get("server", "").lower() == "cloudflare" and "cf-ray" in headers
    return edge and status in (521, 522, 523)


def request_id(headers: Mapping[str, str], body: bytes = b"") -> str:
    """What the relay's support asks for; empty when there is none."""
    named = (headers.get(name, "") for name in _ID_HEADERS)
    if found := next(filter(_ID.fullmatch, named), ""):
        return found
    match = _ID_IN_TEXT.search(body[:4096].decode("utf-8", "replace"))
    return match[1] if match else ""


def seconds(retry_after: str) -> float | None:
    """``Retry-After`` in both of its forms, as seconds from now."""
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        return _until(retry_after)


def shown(text: str, key: str = "") -> str:
    """A relay's words as people may read them: one line, short, no key, no base64."""
    if len(key) >= 4:
        text = text.replace(key, "…")
    text = "".join(letter if letter.isprintable() else " " for letter in text[:_LOOKED_AT])
    text = _SECRET.sub("…", " ".join(text.split()))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _until(date: str) -> float | None:
    try:
        then = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _kind(status: int, words: str) -> type[UpstreamError]:
    by_words = _by_words(words)
    if by_status := _BY_STATUS.get(status):
        return by_words if by_words and status in _SAID_OTHERWISE else by_status
    if by_words:
        return by_words
    if status < 400:
        return NotFound  # a redirect: the address is not the API's
    return BadRequest if status < 500 else UpstreamDown


def _by_words(words: str) -> type[UpstreamError] | None:
    return next((kind for kind, pattern in _WORDS if re.search(pattern, words, re.IGNORECASE)), None)


def _by_number(said: Any) -> type[UpstreamError] | None:
    """Some relays put the status into the error itself."""
    code = said.get("code") if isinstance(said, dict) else None
    return _BY_STATUS.get(code) if isinstance(code, int) else None


def _said(body: bytes) -> tuple[str, str]:
    """The text of a body, and its text together with its codes."""
    text = body.decode("utf-8", "replace").strip()
    try:
        data = parsed(body)
    except ValueError:
        text = _title(text) if text.startswith("<") else text
        return text, text
    return _gathered(data), _gathered(data, codes=True)


def _title(page: str) -> str:
    """What a page is called. Whoever wrote it may mean ill, so no pattern here looks far ahead."""
    if found := _HEADING.search(page):
        rest = page[found.end() :]
        end = rest.lower().find(f"</{found[1].lower()}")
        page = rest[:end] if end >= 0 else page
    return html.unescape(_TAG.sub(" ", page))


def _gathered(node: Any, *, codes: bool = False, depth: int = 4) -> str:
    """The first text found under the names that relays use for it."""
    if isinstance(node, str):
        return node
    if isinstance(node, list) and depth:
        return "; ".join(filter(None, (_gathered(item, codes=codes, depth=depth - 1) for item in node[:5])))
    if not isinstance(node, dict) or not depth:
        return ""
    texts = (_gathered(node.get(name), codes=codes, depth=depth - 1) for name in _TEXT_KEYS)
    text = next(filter(None, texts), "")
    return " ".join([text, *(str(node.get(name) or "") for name in _WORD_KEYS)]) if codes else text
