"""Which dialect an address speaks, found out by GETs that cost nothing. Never a POST.

A route that is there answers otherwise than one that nobody has: by success, by "method not
allowed", or by another refusal. What is asked for with a made-up id or path is made up anew each time.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from bot.errors import UpstreamDown
from upstream.http import Probe, Site
from upstream.shapes import balance, records

_GATEWAY = ("x-oneapi-request-id", "x-new-api-version")
_PATHS = ("/v1/me", "/v1/usage", "/v1/images/history", "/v1/images/jobs", "/v1/jobs", "/v1/models")
_WORD, _RUN = re.compile(r"\S+"), re.compile(r"[\w-]+")
_OF_XINLIU = "gpt-image-2-pro"


def by_host(urls: Sequence[str], addresses: Mapping[str, Sequence[str]]) -> str | None:
    """The dialect among whose public addresses one of these is."""
    hosts = {_host(url) for url in urls}
    return next((name for name, known in addresses.items() if hosts & {_host(url) for url in known}), None)


async def by_looking(site: Site) -> str | None:
    """The dialect that the answers are like, or ``None``.

    Raises `BadKey` or `Forbidden` when the key opens nothing, `UpstreamDown` when nobody answers,
    `NotFound` when there is no going there.
    """
    nonce = secrets.token_hex(8)
    job, no_such = f"/v1/jobs/{nonce}", f"/v1/{nonce}/{nonce}"
    paths = (*_PATHS, job, no_such)
    answers = dict(zip(paths, await asyncio.gather(*(_look(site, path) for path in paths)), strict=True))
    seen = {path: answer for path, answer in answers.items() if isinstance(answer, Probe)}
    if no_such not in seen:
        raise next(answer for answer in answers.values() if isinstance(answer, UpstreamDown))
    if all(answer.status in (401, 403) for answer in seen.values()):
        raise seen[no_such].error(site.endpoint.key)
    there = {path for path, answer in seen.items() if _answers(answer, seen[no_such])}
    return _like(seen, there, job)


async def _look(site: Site, path: str) -> Probe | UpstreamDown:
    try:
        return await site.probe(path)
    except UpstreamDown as error:
        return error


def _like(seen: Mapping[str, Probe], there: set[str], job: str) -> str | None:
    """What is most particular first."""
    if {"/v1/images/history", "/v1/images/jobs"} & there:
        return "shenfeng"
    if (me := seen.get("/v1/me")) and me.status == 200 and balance(me.document):
        return "image2free"
    if {"/v1/jobs", job} & there:
        return "jobs"
    if any(name in answer.headers for answer in seen.values() for name in _GATEWAY):
        return "jojokey"
    models = {str(entry.get("id")) for entry in records(_document(seen.get("/v1/models")))}
    if _OF_XINLIU in models:
        return "xinliu"
    return "openai" if models or "/v1/models" in there else None


def _answers(answer: Probe, stranger: Probe) -> bool:
    """Whether a route is there, seen that a ``stranger`` certainly is not."""
    if answer.status < 300:
        return answer.document is not None and stranger.status >= 300
    if answer.status in (401, 403, 405):
        return answer.status != stranger.status
    if answer.status not in (400, 404, 422) or answer.document is None:
        return False
    return _refusal(answer) != _refusal(stranger)


def _refusal(answer: Probe) -> tuple[int, str]:
    """A refusal without what is its own: paths, ids, times differ from one to the next."""
    return answer.status, _WORD.sub(_without_its_own, answer.body.decode("utf-8", "replace"))


def _without_its_own(word: re.Match[str]) -> str:
    """Said in two steps: in one, a word of 64 KB would take a minute."""
    if "/" in word[0]:
        return ""
    return _RUN.sub(lambda run: "" if any(map(str.isdecimal, run[0])) else run[0], word[0])


def _document(answer: Probe | None) -> Any:
    return answer.document if answer and answer.status < 300 else None


def _host(url: str) -> str:
    try:
        return urlsplit(url if "://" in url else f"https://{url}").hostname or url
    except ValueError:
        return url
