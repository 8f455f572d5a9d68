"""The scanner against `json` and `base64`: one document, whatever the bytes, wherever they are cut."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from upstream.scan import MOST_PICTURES, MOST_TEXT, Scanner, TooMuch

MAGICS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\x10\x00\x00\x00WEBPVP8 ")
PLAIN = {"prefix": "", "padding": True, "urlsafe": False, "lines": 0}


class Drawn(bytes):
    """A picture in a document that a test made up; dumped as base64."""


pictures = st.builds(
    lambda magic, body, times: Drawn(magic + body * times),
    st.sampled_from(MAGICS),
    st.binary(min_size=4, max_size=40),
    st.integers(1, 60),
)
texts = st.one_of(
    st.text(max_size=30),
    st.text(alphabet='\\"/u0041\n:{}[],', max_size=20),
    st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=9), st.integers(60, 200)),
)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts | pictures,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
dressings = st.fixed_dictionaries(
    {
        "prefix": st.sampled_from(["", "data:image/png;base64,", "data:image/webp;charset=utf-8;base64,"]),
        "padding": st.booleans(),
        "urlsafe": st.booleans(),
        "lines": st.sampled_from([0, 19, 76]),
    }
)


def dressed(picture: bytes, *, prefix: str, padding: bool, urlsafe: bool, lines: int) -> str:
    """One of the ways in which relays write base64."""
    text = (base64.urlsafe_b64encode if urlsafe else base64.b64encode)(picture).decode()
    text = text if padding else text.rstrip("=")
    if lines:
        text = "\r\n".join(text[at : at + lines] for at in range(0, len(text), lines))
    return prefix + text


def strings(node: Any, how: dict[str, Any]) -> Any:
    if isinstance(node, Drawn):
        return dressed(node, **how)
    if isinstance(node, dict):
        return {key: strings(value, how) for key, value in node.items()}
    return [strings(value, how) for value in node] if isinstance(node, list) else node


def scanned(body: bytes, cuts: list[int], folder: Path | None) -> tuple[Any, Scanner]:
    scanner = Scanner(folder)
    edges = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    for start, end in pairwise(edges):
        scanner.feed(body[start:end])
    return scanner.close(), scanner


def read(node: Any) -> Any:
    """The document with files read back."""
    if isinstance(node, Path):
        return Drawn(node.read_bytes())
    if isinstance(node, dict):
        return {key: read(value) for key, value in node.items()}
    return [read(value) for value in node] if isinstance(node, list) else node


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    document=documents,
    how=dressings,
    ascii_only=st.booleans(),
    php=st.booleans(),
    indent=st.sampled_from([None, 2]),
    cuts=st.lists(st.integers(0, 10_000), max_size=8),
)
def test_it_reads_what_json_reads(
    tmp_path: Path,
    document: Any,
    how: dict[str, Any],
    ascii_only: bool,
    php: bool,
    indent: int | None,
    cuts: list[int],
) -> None:
    text = json.dumps(strings(document, how), ensure_ascii=ascii_only, indent=indent)
    if php:
        text = text.replace("/", "\\/")
    result, scanner = scanned(text.encode(), cuts, tmp_path)
    assert read(result) == document
    assert sorted(tmp_path.iterdir()) == sorted(scanner.files)
    scanner.abandon()
    assert not list(tmp_path.iterdir())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(document=st.lists(pictures | texts, min_size=1, max_size=3), cut=st.integers(0, 100_000))
def test_a_document_that_is_cut_off_is_never_read_as_whole(tmp_path: Path, document: Any, cut: int) -> None:
    body = json.dumps(strings(document, PLAIN)).encode()
    with pytest.raises(ValueError, match="whole"):
        scanned(body[: cut % len(body)], [], tmp_path)
    assert not list(tmp_path.iterdir())


@given(st.binary(max_size=300))
def test_rubbish_is_refused_as_json_refuses_it(body: bytes) -> None:
    try:
        expected = json.loads(body.decode("utf-8-sig", "replace"), strict=False)
    except ValueError:
        with pytest.raises(ValueError, match="whole"):
            scanned(body, [], None)
    else:
        assert scanned(body, [], None)[0] == expected


def test_every_single_cut(tmp_path: Path) -> None:
    picture = Drawn(MAGICS[0] + bytes(range(256)) * 2)
    document = {'a/"': "\u00e9\\", "images": [{"b64_json": picture, "url": ""}], "n": None}
    body = json.dumps(strings(document, {**PLAIN, "lines": 76})).replace("/", "\\/").encode()
    for cut in range(len(body)):
        result, scanner = scanned(body, [cut], tmp_path)
        assert read(result) == document
        scanner.abandon()


@pytest.mark.parametrize("spoilt", ["!", "=A", "A", "AAAAA=", "中", "\\\\"])
@pytest.mark.parametrize("cuts", [[], [700], [1602, 1603, 1604]])
def test_a_picture_that_turns_into_rubbish_is_left_out(tmp_path: Path, spoilt: str, cuts: list[int]) -> None:
    text = base64.b64encode(MAGICS[0] + bytes(3 * 400 - 8)).decode()
    result, scanner = scanned(f'["{text}{spoilt}", 1]'.encode(), cuts, tmp_path)
    assert result == ["", 1]
    assert scanner.files == list(tmp_path.iterdir()) == []


def test_without_a_folder_pictures_are_read_past() -> None:
    document = {"records": [{"id": "job_1", "b64_json": Drawn(MAGICS[1] + bytes(5000))}]}
    result, _ = scanned(json.dumps(strings(document, PLAIN)).encode(), [700, 3000], None)
    assert result == {"records": [{"id": "job_1", "b64_json": ""}]}


def test_words_that_look_like_base64_stay_words(tmp_path: Path) -> None:
    words = "a cat on a mat " * 400
    assert scanned(json.dumps([words, "A" * 5000]).encode(), [], tmp_path)[0] == [words, "A" * 5000]


def test_too_many_pictures(tmp_path: Path) -> None:
    body = json.dumps([dressed(MAGICS[0] + b"1234", **PLAIN)] * (MOST_PICTURES + 1)).encode()
    scanner = Scanner(tmp_path)
    with pytest.raises(TooMuch):
        scanner.feed(body)
    scanner.abandon()
    assert not list(tmp_path.iterdir())


def test_too_much_text(tmp_path: Path) -> None:
    scanner = Scanner(tmp_path)
    with pytest.raises(TooMuch):
        scanner.feed(b'["' + b"!" * (MOST_TEXT + 1))


def test_a_document_nested_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="whole"):
        scanned(b"[" * 100_000 + b"]" * 100_000, [], tmp_path)
