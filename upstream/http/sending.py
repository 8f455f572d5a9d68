"""What a request carries. Files are streamed, whether as parts of a form or as base64 inside JSON."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pybase64

_MIMES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
_PIECE = 192 * 1024  # bytes of a file encoded at once: a multiple of three


@dataclass(frozen=True, slots=True)
class Form:
    """A multipart body; ``files`` are streamed, a name may be repeated."""

    fields: Mapping[str, str]
    files: Sequence[tuple[str, Path]]


@dataclass(frozen=True, slots=True)
class Inline:
    """Stands for a file in a JSON body: its data URL, or its base64 alone when ``bare``."""

    path: Path
    bare: bool = False


Body = Mapping[str, Any] | Form
"""A JSON object, in which an `Inline` may stand for a file; or a form."""


def mime(path: Path) -> str:
    """What a picture that was sniffed before is, by its first bytes."""
    with path.open("rb") as file:
        return _mime(file.read(4))


@contextmanager
def content(body: Body) -> Iterator[dict[str, Any]]:
    """What httpx is to send; the files of a form stay open as long as it does."""
    if not isinstance(body, Form):
        yield _json(body)
        return
    with ExitStack() as opened:
        files = []
        for number, (name, path) in enumerate(body.files, 1):
            file = opened.enter_context(path.open("rb"))
            kind = _mime(file.peek(4)[:4])
            files.append((name, (f"image-{number}.{kind.removeprefix('image/')}", file, kind)))
        yield {"data": body.fields, "files": files}


def _json(body: Mapping[str, Any]) -> dict[str, Any]:
    mark, files = secrets.token_hex(12), list[Path]()

    def place(value: Any) -> str:
        if not isinstance(value, Inline):
            raise TypeError(type(value))
        files.append(value.path)
        return mark if value.bare else f"data:{mime(value.path)};base64,{mark}"

    text = json.dumps(body, default=place, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    if not files:
        return {"json": body}
    texts = [part.encode() for part in re.split(mark, text)]
    length = sum(map(len, texts)) + sum(-(-file.stat().st_size // 3) * 4 for file in files)
    headers = {"Content-Type": "application/json", "Content-Length": str(length)}
    return {"content": _pieces(texts, files), "headers": headers}


async def _pieces(texts: Sequence[bytes], files: Sequence[Path]) -> AsyncIterator[bytes]:
    """The texts with the files between them."""
    yield texts[0]
    for text, path in zip(texts[1:], files, strict=True):
        with await asyncio.to_thread(path.open, "rb") as file:
            while piece := await asyncio.to_thread(_encoded, file):
                yield piece
        yield text


def _encoded(file: BinaryIO) -> bytes:
    return pybase64.b64encode(file.read(_PIECE))


def _mime(start: bytes) -> str:
    return next((kind for magic, kind in _MIMES.items() if start.startswith(magic)), "image/png")
