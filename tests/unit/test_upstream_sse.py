"""Server-sent events: the same events, however they are written and wherever the bytes are cut."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from upstream import sse
from upstream.scan import MOST_TEXT, TooMuch
from upstream.sse import DONE, Event, Events, TooMany

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2
PNG64 = base64.b64encode(PNG).decode()


@dataclass
class Written:
    """An event as a relay sends it, and how it writes that."""

    name: str
    data: Any
    indent: int | None = None
    blank: str = " "
    end: str = "\n"
    comments: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)

    def text(self) -> str:
        document = self.data if isinstance(self.data, str) else json.dumps(self.data, indent=self.indent)
        lines = [f"data:{self.blank}{line}" for line in document.split("\n")]
        lines = [*([f"event:{self.blank}{self.name}"] if self.name else []), *self.extra, *lines]
        return self.end.join([*(f":{comment}" for comment in self.comments), *lines, "", ""])

    @property
    def kind(self) -> str:
        own = self.data.get("type", "") if isinstance(self.data, dict) else ""
        return f"{own} {self.name}".strip().lower()


texts = st.text(alphabet=st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), max_size=20)
documents = st.fixed_dictionaries(
    {"n": st.integers(), "text": texts},
    optional={
        "type": st.sampled_from(["image_generation.partial_image", "image_generation.completed"]),
        "b64_json": st.sampled_from(["", PNG64, PNG64.rstrip("=")]),
        "data": st.lists(st.fixed_dictionaries({"url": st.just("https://x/1.png?a=b:c")}), max_size=2),
    },
)
written = st.builds(
    Written,
    name=st.sampled_from(["", "partial_image", "image_edit.completed", "Error"]),
    data=documents | st.sampled_from([DONE, "ping", "no: json at all", '{"cut": "off']),
    indent=st.sampled_from([None, 0, 2]),
    blank=st.sampled_from(["", " "]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    comments=st.lists(texts, max_size=2),
    extra=st.lists(
        st.sampled_from(["id: 7", "retry: 10", "id", "data-like: 1", "unknown", "événement: é"]), max_size=2
    ),
)


def cut(body: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(at % (len(body) + 1) for at in cuts), len(body)]
    return [body[start:end] for start, end in pairwise(edges)]


def read(folder: Path, chunks: list[bytes]) -> list[Event]:
    reader = Events(folder)
    events = [event for chunk in chunks for event in reader.feed(chunk)]
    return [*events, *reader.close()]


def plain(node: Any) -> Any:
    """The document with pictures as they were sent."""
    if isinstance(node, Path):
        assert node.read_bytes() == PNG
        return "PNG"
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    return [plain(value) for value in node] if isinstance(node, list) else node


def expected(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: "PNG" if key == "b64_json" and value else value for key, value in node.items()}
    return node.strip()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(
    stream=st.lists(written, max_size=5),
    cuts=st.lists(st.integers(0, 20_000), max_size=12),
    bom=st.booleans(),
    last=st.booleans(),
)
def test_the_same_events_wherever_they_are_cut(
    tmp_path: Path, stream: list[Written], cuts: list[int], bom: bool, last: bool
) -> None:
    body = "".join(event.text() for event in stream)
    if last and stream and isinstance(stream[-1].data, dict):
        body = body.rstrip("\r\n")  # the stream may end without an empty line
    body = ("\ufeff" if bom else "") + body
    events = read(tmp_path, cut(body.encode(), cuts))
    assert [event.kind for event in events] == [event.kind for event in stream]
    assert [plain(event.data) for event in events] == [expected(event.data) for event in stream]
    files = [file for event in events for file in event.files]
    assert sorted(files) == sorted(tmp_path.iterdir())
    for file in files:
        file.unlink()


def test_every_single_cut(tmp_path: Path) -> None:
    first = Written("partial_image", {"b64_json": PNG64}, indent=1, end="\r\n", comments=[" hello"])
    second = Written("", {"type": "completed", "url": "https://x"}, end="\r")
    body = (first.text() + second.text() + "data: [DONE]\n\n").encode()
    for at in range(len(body)):
        events = read(tmp_path, [body[:at], body[at:]])
        assert [event.kind for event in events] == ["partial_image", "completed", ""]
        assert [plain(event.data) for event in events] == [{"b64_json": "PNG"}, second.data, DONE]


def test_byte_by_byte(tmp_path: Path) -> None:
    body = Written("partial_image", {"b64_json": PNG64}, end="\r\n").text().encode()
    events = read(tmp_path, [body[at : at + 1] for at in range(len(body))])
    assert [plain(event.data) for event in events] == [{"b64_json": "PNG"}]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(at=st.integers(0, 10_000), end=st.sampled_from(["\n", "\r\n"]))
def test_an_event_that_is_cut_off_is_none_and_leaves_nothing(tmp_path: Path, at: int, end: str) -> None:
    text = Written("completed", {"b64_json": PNG64, "n": 1}, end=end).text().rstrip("\r\n")
    body = text.encode()
    assert read(tmp_path, [body[: at % len(body)]]) == []
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("start", ["", "\n\n ", "\ufeff", "\ufeff\r\n"])
def test_a_body_that_is_json_after_all_is_one_event(tmp_path: Path, start: str) -> None:
    body = (start + json.dumps({"created": 1, "data": [{"b64_json": PNG64}]}, indent=2)).encode()
    for at in range(0, len(body), 7):
        (event,) = read(tmp_path, [body[:at], body[at:]])
        assert plain(event.data) == {"created": 1, "data": [{"b64_json": "PNG"}]}
        assert event.kind == ""


def test_json_that_is_cut_off_is_not_read_as_whole(tmp_path: Path) -> None:
    body = json.dumps({"data": [{"b64_json": PNG64}]}).encode()
    with pytest.raises(ValueError, match="whole"):
        read(tmp_path, [body[:-2]])
    assert not list(tmp_path.iterdir())


def test_an_abandoned_event_leaves_no_file(tmp_path: Path) -> None:
    for body in (f'data: {{"b64_json": "{PNG64}', f'{{"b64_json": "{PNG64}'):
        reader = Events(tmp_path)
        assert reader.feed(body.encode()) == []
        assert reader.pending >= len(PNG64)
        assert list(tmp_path.iterdir())
        reader.abandon()
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("", []),
        ("\n\n\n", []),
        (": only a comment\n\n", []),
        ("event: lonely\n\n", []),
        ("event: lonely\n\ndata: 1\n\n", [""]),  # a name is of its own event only
        ("event: a\nevent: b\ndata: 1\n\n", ["b"]),
        ("data\n\n", []),
        ("data:\n\n", []),
        ("data\ndata\n\n", [""]),
        ("<!DOCTYPE html>\n<p>hello: you</p>\n\n", []),
        ("data: [DONE]", [""]),
    ],
)
def test_odd_streams(tmp_path: Path, body: str, kinds: list[str]) -> None:
    assert [event.kind for event in read(tmp_path, [body.encode()])] == kinds


def test_more_than_any_honest_stream_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MOST_EVENTS", 3)
    with pytest.raises(TooMany):
        read(tmp_path, [b"data: 1\n\n" * 4])
    with pytest.raises(TooMuch):
        read(tmp_path, [b'data: {"x": "' + b"!" * MOST_TEXT + b'"}\n\n'])
