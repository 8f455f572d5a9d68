"""JSON with pictures in it, read as it arrives and never held.

A small scanner walks over the chunks of a body. A string that begins as a picture in base64 goes
straight into a file; everything else, a few hundred bytes, is kept and parsed as JSON at the end.
What is a picture is told by its first bytes, not by the name of its key, so one reader serves
every dialect: ``b64_json``, data URLs, whatever comes.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pybase64

MOST_TEXT = 4 * 1024 * 1024
"""Bytes of one document that are not pictures."""

MOST_PICTURES = 16

MOST_VALUES = 100_000
"""Commas and brackets of one document; reading more would keep everybody else waiting."""

DEEPEST = 64
"""Lists and objects in one another. Whoever reads a document by recursion may rely on it."""

_QUOTE, _BACKSLASH = b'"', b"\\"
_HEAD = 512  # bytes of a string to look at before deciding what it is; a data: prefix fits in
_LOOK = 64  # characters of base64 that must be clean for a string to count as a picture
_ESCAPE_LENGTH = 6  # of the longest, \uXXXX
_ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_SPACE = b" \t\r\n"
_URLSAFE = bytes.maketrans(b"-_", b"+/")
_DATA_URL = re.compile(rb"\s*data:[^,]{0,200},", re.IGNORECASE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_PICTURE = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|RIFF....WEBP", re.DOTALL)


class TooMuch(ValueError):
    """More text, values or pictures than any honest answer holds."""


def parsed(text: bytes | bytearray) -> Any:
    """A JSON document, for people to read and databases to keep: halves of characters stand as ``?``.

    Raises `ValueError` for anything else, and for one that is nested without end.
    """
    try:
        return _settled(json.loads(text.decode("utf-8-sig", "replace"), strict=False), {}, DEEPEST)
    except RecursionError as error:
        raise ValueError("nested without end") from error


class Scanner:
    """Feed it chunks, then ``close`` it.

    ``folder`` takes the pictures; with ``None`` they are read past and stand as ``""`` in the result.
    """

    def __init__(self, folder: Path | None) -> None:
        self.files: list[Path] = []
        self._folder = folder
        self._mark = secrets.token_hex(8)
        self._text = bytearray()
        self._values = 0
        self._head: bytearray | None = None  # a string that is still being looked at
        self._plain = False  # inside a string that is text
        self._sink: _Sink | None = None  # inside a string that is a picture
        self._sinks: list[_Sink] = []
        self._rest = b""  # an escape cut in two by the end of a chunk

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the body, split anywhere. Raises `TooMuch`."""
        data, self._rest = self._rest + chunk, b""
        at = 0
        while at < len(data):
            at = self._inside(data, at) if self._in_string else self._between(data, at)
        if len(self._text) > MOST_TEXT or self._values > MOST_VALUES:
            raise TooMuch("text")

    def close(self) -> Any:
        """The document, with a `Path` in the place of each picture.

        A string that began as a picture but did not go on as base64 stands as ``""``. Raises
        `ValueError`, and keeps no file, when the document is cut off or is not JSON.
        """
        try:
            # Inside a string the text lacks its closing quote, which the parser notices.
            data = parsed(self._text)
            places = {f"{self._mark}:{number}": sink.close() for number, sink in enumerate(self._sinks)}
            self.files = [place for place in places.values() if place]
            return _settled(data, places, DEEPEST) if places else data
        except ValueError as error:
            self.abandon()
            raise ValueError("not a whole JSON document") from error

    def abandon(self) -> None:
        """Remove what was written so far."""
        for sink in self._sinks:
            sink.remove()
        self.files = []

    @property
    def _in_string(self) -> bool:
        return self._plain or self._sink is not None or self._head is not None

    def _between(self, data: bytes, at: int) -> int:
        quote = data.find(_QUOTE, at)
        end = len(data) if quote < 0 else quote + 1
        piece = data[at:end]
        self._text += piece
        self._values += piece.count(b",") + piece.count(b"[") + piece.count(b"{")
        if quote >= 0:
            self._head = bytearray()
        return end

    def _inside(self, data: bytes, at: int) -> int:
        """Take the part of a string that this chunk holds; where to go on."""
        end = _end_of_run(data, at)
        ended = data[end : end + 1] == _QUOTE
        self._take(data[at:end], ended)
        if not ended:
            self._rest = data[end:]
            return len(data)
        return end + 1

    def _take(self, piece: bytes, ended: bool) -> None:
        if self._head is not None:
            self._head += piece
            if not ended and len(self._head) < _HEAD:
                return
            piece, self._head = bytes(self._head), None
            self._decide(piece)
        if self._sink:
            self._sink.write(_unescaped(piece))
            self._sink = None if ended else self._sink
        else:
            self._text += piece
            self._plain = not ended
        if ended:
            self._text += _QUOTE

    def _decide(self, head: bytes) -> None:
        if not _begins_as_picture(_unescaped(head)):
            return
        if len(self._sinks) == MOST_PICTURES:
            raise TooMuch("pictures")
        self._text += f"{self._mark}:{len(self._sinks)}".encode()
        self._sink = _Sink(self._folder)
        self._sinks.append(self._sink)


class _Sink:
    """One picture on its way from base64 into a file."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / f"answer-{secrets.token_hex(6)}" if folder else None
        self._file: BinaryIO | None = self._path.open("wb") if self._path else None
        self._carry = b""  # up to three characters that wait for their fourth
        self._begun = self._padded = False

    def write(self, text: bytes) -> None:
        """The next characters, unescaped; the first time a ``data:`` prefix among them."""
        if not self._begun:
            text, self._begun = _bare(text), True
        if self._file is None:
            return
        text = self._carry + text
        decoded = self._decode(text) or self._decode(text.translate(_URLSAFE, _SPACE))
        if decoded is None:
            self.remove()
        else:
            self._file.write(decoded)

    def _decode(self, text: bytes) -> bytes | None:
        whole = len(text) & ~3
        if self._padded and text:
            return None if text.strip() else b""
        try:
            decoded = pybase64.b64decode(memoryview(text)[:whole], validate=True)
        except ValueError:
            return None
        self._carry, self._padded = text[whole:], text.endswith(b"=", 0, whole)
        return decoded

    def close(self) -> Path | None:
        """The finished file, or ``None`` when there is none or it was no base64."""
        self._carry = self._carry.translate(None, _SPACE)
        if self._carry:
            self.write(b"=" * (-len(self._carry) % 4))  # padding is often left out
        if self._carry:
            self.remove()
        if self._file:
            self._file.close()
            self._file = None
            return self._path
        return None

    def remove(self) -> None:
        if self._file:
            self._file.close()
        self._file = None
        if self._path:
            self._path.unlink(missing_ok=True)


def _end_of_run(data: bytes, at: int) -> int:
    """Where the closing quote stands; without one the end of the data, before an escape that is cut there."""
    quote = data.find(_QUOTE, at)
    while quote >= 0 and _odd_backslashes(data, at, quote):
        quote = data.find(_QUOTE, quote + 1)
    if quote >= 0:
        return quote
    last = data.rfind(_BACKSLASH, max(at, len(data) - _ESCAPE_LENGTH + 1))
    if last < 0 or not _odd_backslashes(data, at, last + 1):
        return len(data)
    return len(data) if data[last + 1 : last + 2] not in (b"", b"u") else last


def _odd_backslashes(data: bytes, at: int, end: int) -> int:
    """Whether the byte at ``end`` is escaped: an odd number of backslashes stands before it."""
    start = end
    while start > at and data[start - 1] == _BACKSLASH[0]:
        start -= 1
    return (end - start) % 2


def _begins_as_picture(text: bytes) -> bool:
    text = _bare(text[:_HEAD]).translate(_URLSAFE, _SPACE)[:_LOOK]
    if not _BASE64.fullmatch(text):
        return False
    start = text[: min(24, len(text) & ~3)]
    return bool(_PICTURE.match(pybase64.b64decode(start)))


def _bare(text: bytes) -> bytes:
    """Without a ``data:`` prefix."""
    prefix = _DATA_URL.match(text)
    return text[prefix.end() :] if prefix else text


def _unescaped(piece: bytes) -> bytes:
    """JSON's escapes undone. Quick for ``\\/``, which PHP writes for every slash."""
    if _BACKSLASH not in piece:
        return piece
    if _BACKSLASH * 2 not in piece:
        piece = piece.replace(b"\\/", b"/")
    return _ESCAPE.sub(_meant, piece) if _BACKSLASH in piece else piece


def _meant(escape: re.Match[bytes]) -> bytes:
    code, letter = escape.groups()
    return chr(int(code, 16)).encode("utf-8", "replace") if code else _LETTERS.get(letter, letter)


def _settled(node: Any, places: Mapping[str, Path | None], depth: int) -> Any:
    """The document with files in their ``places``, and no text in it that can't be written down."""
    if not depth:
        raise ValueError("nested too deep")
    if isinstance(node, dict):
        return {key: _settled(value, places, depth - 1) for key, value in node.items()}
    if isinstance(node, list):
        return [_settled(value, places, depth - 1) for value in node]
    if not isinstance(node, str):
        return node
    if node in places:
        return places[node] or ""
    return node if node.isascii() else node.encode("utf-8", "replace").decode()
