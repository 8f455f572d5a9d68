"""From an answer to files: what came as base64 is in one already, what came as a URL is fetched at once.

A picture that a URL leads to is made and paid for. So a fetch that fails is repeated on the URL,
and on the relay's own address where the URL names a host inside the relay's network; never by
ordering again. UPSTREAMS, section 5: rows 7, 11, 16, 20, 26, 27.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urljoin

import httpx

from bot import media
from bot.errors import BadAddress, BadAnswer, BadInput, BadPicture, EaselError, ResultLost, UpstreamError
from bot.model import Amount, Order, Succeeded
from upstream.http import Answer, Site, failed
from upstream.shapes import FAILED, page, pictures, revised_prompt, status

_ELSEWHERE = frozenset({"error-address-private", "error-address-silent"})  # where the relay itself may know
_DEFAULT_PORTS = {"http": 80, "https": 443}


async def collect(
    site: Site,
    order: Order,
    answer: Answer,
    *,
    job: str = "",
    note: str = "",
    cost: Amount | None = None,
) -> Succeeded:
    """The end of an order: the pictures of its last answer, as files, and how many are missing.

    ``job`` is the relay's id, for the sentence when nothing can be fetched. Raises what the answer
    says instead of pictures (`UpstreamError`, `BadAnswer`), and `ResultLost` when there are some
    and none can be had now.
    """
    named = pictures(answer.data)
    if not named:
        raise failure(site, answer) or BadAnswer(detail="no picture in the answer")
    wanted = order.request.n
    files = await fetched(site, order.folder, named[:wanted], job)
    if left := set(answer.files) - set(files):
        await asyncio.to_thread(_drop, left)
    return Succeeded(
        files,
        missing=max(0, wanted - len(files)),
        cost=cost,
        revised_prompt=revised_prompt(answer.data),
        note=note,
    )


async def fetched(site: Site, folder: Path, named: Sequence[Path | str], job: str = "") -> tuple[Path, ...]:
    """Files for pictures that are files already, or URLs: absolute, relative to the relay's, or ``data:``.

    Those that can't be had are left out; `ResultLost` when that leaves none.
    """
    found = await asyncio.gather(*(_file(site, folder, one) for one in named))
    files = tuple(one for one in found if isinstance(one, Path))
    if not files:
        raise _lost(found, job)
    return files


async def _file(site: Site, folder: Path, named: Path | str) -> Path | BadInput:
    """The file, or why there is none: one that fails does not sink the others."""
    if isinstance(named, Path):
        return named
    file, failure = folder / f"result-{secrets.token_hex(6)}", None
    for url in _places(site, named):
        try:
            await _fetch(site, url, file)
        except BadInput as error:
            failure = failure or error
            if error.sentence not in _ELSEWHERE and not _own(site, url):
                break
        else:
            return file
    return failure or BadAddress()


async def _fetch(site: Site, url: str, to: Path) -> None:
    """Without the key first; with it only where it belongs anyway. `BadAddress`, `BadPicture`: no file."""
    try:
        await _picture(site, url, to)
    except BadInput as error:
        if error.sentence in _ELSEWHERE or not site.endpoint.key or not _own(site, url):
            raise
        await _picture(site, url, to, with_key=True)


async def _picture(site: Site, url: str, to: Path, *, with_key: bool = False) -> None:
    await site.fetch(url, to, with_key=with_key)
    try:
        await media.sniff(to)
    except BadPicture:
        await asyncio.to_thread(to.unlink, missing_ok=True)
        raise


def _places(site: Site, named: str) -> list[str]:
    """Where a picture may be: what its URL says; then the same path at the relay's own address."""
    try:
        first = urljoin(f"{site.bases[0]}".rstrip("/") + "/", named.strip())
        if first.startswith("data:"):
            return [first]
        path = httpx.URL(first).raw_path.decode("ascii")
    except (ValueError, httpx.InvalidURL):
        return []
    there = (url for base in site.bases for url in _at(base, path))
    return list(dict.fromkeys((first, *there)))


def _at(base: httpx.URL, path: str) -> list[str]:
    """A path at a relay's host; and below the path that the relay itself is at, unless it is that already."""
    root, prefix = str(base.copy_with(path="/")).rstrip("/"), base.path.rstrip("/")
    return [root + path] if path.startswith(f"{prefix}/") else [root + path, root + prefix + path]


def _own(site: Site, url: str) -> bool:
    return not url.startswith("data:") and _origin(httpx.URL(url)) in map(_origin, site.bases)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or _DEFAULT_PORTS.get(url.scheme)


def failure(site: Site, answer: Answer) -> UpstreamError | None:
    """What the relay says that went wrong, where it does."""
    last = page(answer.data)
    if status(last) not in FAILED and not last.get("error"):
        return None
    return failed(last.get("error_message") or last.get("error") or last.get("message"), site.endpoint.key)


def _lost(found: Sequence[Path | BadInput], job: str) -> EaselError:
    error = next(one for one in found if isinstance(one, BadInput))
    host, said = error.params.get("host", ""), error.params.get("status", "")
    return ResultLost(host=str(host or "none"), status=str(said or "none"), job=job or "none")


def _drop(files: set[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
