"""Server-sent events with pictures in them, read as they arrive and never held.

The data of each event goes through a `Scanner` of its own: base64 straight into a file, the rest
into a document. A body that is JSON after all, from a relay that does not stream, is read as its
one event. UPSTREAMS, section 5, row 12.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from upstream.scan import Scanner

MOST_EVENTS = 10_000
"""Events of one stream; a relay may send one every second to keep the connection open."""

_CR, _LF = b"\r\n"
_NAME = 200  # bytes of a field's name, and of an event's, that are looked at
_START = 2048  # bytes of data that are kept as text, for what is no JSON
_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
DONE = "[DONE]"


class TooMany(ValueError):
    """More events than any honest stream holds."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``kind``: its data's ``type`` and its ``event:`` line, whichever there are, in lower case.

    ``data`` is its document, with a `Path` in the place of each picture, or the start of its text
    where it is no JSON; ``files`` are its pictures in order.
    """

    kind: str
    data: Any
    files: tuple[Path, ...] = ()


class Events:
    """Feed it chunks, split anywhere, and take the events that they end; then ``close`` it.

    ``folder`` takes the pictures. Whoever takes an event owns its files; ``abandon`` removes those
    of the event that is still open.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._head: bytearray | None = bytearray()  # the body's first bytes, until they tell what it is
        self._body: _Data | None = None  # a body that is one document
        self._data: _Data | None = None  # of the event that is open
        self._name = bytearray()  # of the event that is open
        self._field: bytearray | None = bytearray()  # the name of this line's field, until its colon
        self._value = ""  # the field whose value follows
        self._returned = False  # the last line ended in CR: an LF now belongs to that
        self._count = 0

    @property
    def pending(self) -> int:
        """Bytes so far of the event that is open."""
        data = self._body or self._data
        return data.size if data else 0

    def feed(self, chunk: bytes) -> list[Event]:
        """Take the next bytes; the events that are whole now. Raises `TooMany`, `TooMuch`."""
        if self._head is not None:
            chunk = self._begin(self._head, chunk)
        if self._body:
            self._body.feed(chunk)
            return []
        events: list[Event] = []
        at = 0
        while at < len(chunk):
            at = self._line(chunk, at, events)
        return events

    def close(self) -> list[Event]:
        """What was still open and is whole: the last event needs no empty line after it.

        Raises `ValueError` when a body that is one document is cut off.
        """
        if self._body:
            body, self._body = self._body, None
            return [body.event("", strict=True)]
        data, self._data = self._data, None
        try:
            return [data.event(self._kind, strict=not data.done)] if data else []
        except ValueError:
            return []

    def abandon(self) -> None:
        """Remove the files of the event that is open."""
        for data in (self._body, self._data):
            if data:
                data.abandon()

    def _begin(self, head: bytearray, chunk: bytes) -> bytes:
        """Look at the body's first bytes; what is to be read now."""
        head += chunk
        start = bytes(head).removeprefix(_BOM)
        if not start.strip(_SPACE) or start in (_BOM[:1], _BOM[:2]):
            return b""
        self._head = None
        if start.lstrip(_SPACE)[:1] in (b"{", b"["):
            self._body = _Data(self._folder)
        return start

    def _line(self, chunk: bytes, at: int, events: list[Event]) -> int:
        """Take what this chunk holds of a line; where to go on."""
        if self._returned and chunk[at] == _LF:
            at += 1
        self._returned = False
        end = _end_of_line(chunk, at)
        self._take(chunk[at:end])
        if end == len(chunk):
            return end
        self._returned = chunk[end] == _CR
        self._end_line(events)
        return end + 1

    def _take(self, piece: bytes) -> None:
        if self._field is not None:
            name, colon, piece = piece.partition(b":")
            self._field += name[: _NAME - len(self._field)]
            if not colon:
                return
            self._open(self._field)
        if self._value == "data" and self._data:
            self._data.feed(piece)
        elif self._value == "event":
            self._name += piece[: _NAME - len(self._name)]

    def _open(self, field: bytearray) -> None:
        """A field's value follows. A comment is a field without a name."""
        self._value, self._field = field.decode("latin-1"), None
        if self._value == "event":
            self._name.clear()
        elif self._value == "data" and self._data:
            self._data.feed(b"\n")
        elif self._value == "data":
            self._data = _Data(self._folder)

    def _end_line(self, events: list[Event]) -> None:
        if self._field:
            self._open(self._field)  # without a value
        elif self._field is not None:
            self._end_event(events)
        self._field = bytearray()

    def _end_event(self, events: list[Event]) -> None:
        data, kind, self._data = self._data, self._kind, None
        self._name.clear()
        if data and data.size:
            self._count += 1
            events.append(data.event(kind))
        if self._count > MOST_EVENTS:
            raise TooMany("events")

    @property
    def _kind(self) -> str:
        return self._name.decode("utf-8", "replace").strip()


class _Data:
    """The data of one event, or a body that is one document."""

    def __init__(self, folder: Path) -> None:
        self.size = 0
        self._scanner, self._start = Scanner(folder), bytearray()

    def feed(self, piece: bytes) -> None:
        self.size += len(piece)
        self._start += piece[: _START - len(self._start)]
        self._scanner.feed(piece)

    @property
    def done(self) -> bool:
        return self._start.strip(_SPACE) == DONE.encode()

    def event(self, name: str, *, strict: bool = False) -> Event:
        """The event. ``strict``: raises `ValueError` when the data is no whole document."""
        try:
            document = self._scanner.close()
        except ValueError:
            if strict:
                raise
            return Event(name.lower(), self._start.decode("utf-8", "replace").strip())
        own = document.get("type") if isinstance(document, Mapping) else ""
        kind = f"{own if isinstance(own, str) else ''} {name}".strip().lower()
        return Event(kind, document, tuple(self._scanner.files))

    def abandon(self) -> None:
        self._scanner.abandon()


def _end_of_line(chunk: bytes, at: int) -> int:
    """Where a CR or an LF stands, else the chunk's end. Two searches for a byte beat one pattern."""
    end = chunk.find(_LF, at)
    end = len(chunk) if end < 0 else end
    returned = chunk.find(_CR, at, end)
    return end if returned < 0 else returned
