"""What a relay made, written down beside its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import results
from bot.model import JobId, Succeeded

JOB = JobId("abc")


@pytest.fixture
def made(tmp_path: Path) -> Succeeded:
    folder = tmp_path / f"{JOB}-1"
    folder.mkdir()
    files = [folder / name for name in ("1.png", "2.png")]
    for file in files:
        file.write_bytes(b"a picture")
    return Succeeded(tuple(files), missing=1, unsure=1, cost=70_000, note="note-size")


def test_a_result_is_read_as_it_was_written(made: Succeeded, tmp_path: Path) -> None:
    assert results.left(tmp_path, JOB) is None
    results.write(made)
    assert results.left(tmp_path, JOB) == made
    assert results.left(tmp_path, JobId("ab")) is None


@pytest.mark.parametrize("damage", ["cut", "gone", "note"])
def test_what_is_not_whole_is_no_result(made: Succeeded, tmp_path: Path, damage: str) -> None:
    """A power cut may leave a name without its bytes."""
    results.write(made)
    match damage:
        case "cut":
            made.files[1].write_bytes(b"a pic")
        case "gone":
            made.files[1].unlink()
        case "note":
            (made.files[0].parent / results.NOTE).write_text("{")
    assert results.left(tmp_path, JOB) is None


def test_the_originals_stay_until_they_are_let_go(made: Succeeded, tmp_path: Path) -> None:
    results.write(made)
    results.clear(made.files[0].parent)
    assert results.left(tmp_path, JOB) == made
    results.forget(made)
    assert results.left(tmp_path, JOB) is None
    assert not made.files[0].parent.exists()


def test_a_disk_that_is_full_stops_nobody(made: Succeeded, tmp_path: Path) -> None:
    (made.files[0].parent / f"{results.NOTE}.new").mkdir()
    results.write(made)
    assert results.left(tmp_path, JOB) is None
    results.clear(made.files[0].parent)
    assert not made.files[0].parent.exists()
