"""One file that holds a store: a tar with a manifest of what is in it, and a checksum of each.

``easel.db`` (an exact copy of an SQLite database) or ``rows/TABLE.jsonl`` (portable, see `flow`), then
``pictures/NAME``, ``secret.key`` if it was asked for, and ``manifest.json`` as the last.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import IO

from bot.errors import SetupError
from bot.model import now
from storage.keeping.files import owned

DATABASE, SECRET, MANIFEST = "easel.db", "secret.key", "manifest.json"
_NAME = re.compile(r"easel\.db|secret\.key|rows/\w+\.jsonl|pictures/[\w.-]+")
_FORMAT = 1
_PART = 256 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """``files``: bytes and SHA-256 of each. ``applied``: the schema. ``missing``: pictures without a file."""

    files: Mapping[str, tuple[int, str]]
    applied: Sequence[str]
    counts: Mapping[str, int]
    missing: Sequence[str] = ()
    format: int = _FORMAT
    easel: str = field(default_factory=lambda: version("easel"))
    made: str = field(default_factory=lambda: now().isoformat(timespec="seconds"))

    @property
    def portable(self) -> bool:
        return DATABASE not in self.files

    @property
    def pictures(self) -> int:
        return sum(name.startswith("pictures/") for name in self.files)


class Writer:
    """Adds files, and remembers their checksums."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.files: dict[str, tuple[int, str]] = {}

    def add(self, name: str, file: Path) -> None:
        with file.open("rb") as opened:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = os.fstat(opened.fileno()).st_size, int(file.stat().st_mtime)
            info.mode = 0o600
            reader = _Summing(opened)
            self._tar.addfile(info, reader)
        self.files[name] = info.size, reader.sum.hexdigest()

    def close(self, manifest: Manifest) -> None:
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(text), 0o600
        self._tar.addfile(info, io.BytesIO(text))


class _Summing(io.RawIOBase):
    def __init__(self, inner: IO[bytes]) -> None:
        self._inner, self.sum = inner, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        part = self._inner.read(size)
        self.sum.update(part)
        return part


@contextmanager
def written(file: Path) -> Iterator[Writer]:
    """A new archive; it has its name only once it is whole and on the disk. Raises `SetupError`."""
    if file.exists():
        raise SetupError("setup-archive-exists", path=str(file))
    part = file.with_name(f"{file.name}.part")
    try:
        with owned(part).open("wb") as opened:
            with tarfile.open(fileobj=opened, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield Writer(tar)
            opened.flush()
            os.fsync(opened.fileno())
        part.rename(file)
    except OSError as error:
        raise SetupError(
            "setup-folder", path=str(file.parent), reason=error.strerror or str(error)
        ) from error
    finally:
        part.unlink(missing_ok=True)


def unpacked(file: Path, into: Path) -> Manifest:
    """Everything of an archive, as files in ``into``; raises `SetupError` where a byte is not as it was."""
    if not file.is_file():
        raise SetupError("setup-archive-missing", path=str(file))
    try:
        with tarfile.open(file, "r:") as tar:
            members = {member.name: member for member in tar.getmembers() if member.isfile()}
            manifest = _manifest(tar, members)
            if set(members) != {*manifest.files, MANIFEST} or not all(map(_NAME.fullmatch, manifest.files)):
                raise ValueError("other files than the manifest says")  # noqa: TRY301  # one sentence for all
            for name, promised in manifest.files.items():
                if _unpack(tar, members[name], into / name) != tuple(promised):
                    raise ValueError(name)  # noqa: TRY301
    except (tarfile.TarError, ValueError, KeyError, TypeError, EOFError) as error:
        raise SetupError("setup-archive-damaged", path=str(file), reason=str(error)) from error
    except OSError as error:
        raise SetupError("setup-folder", path=str(into), reason=error.strerror or str(error)) from error
    return manifest


def _manifest(tar: tarfile.TarFile, members: Mapping[str, tarfile.TarInfo]) -> Manifest:
    opened = tar.extractfile(members[MANIFEST])
    assert opened  # noqa: S101  # it is a file
    said = json.loads(opened.read())
    if said["format"] != _FORMAT:
        raise ValueError(f"format {said['format']}")
    return Manifest(**said)


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, to: Path) -> tuple[int, str]:
    opened, digest, size = tar.extractfile(member), hashlib.sha256(), 0
    assert opened  # noqa: S101  # it is a file
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with owned(to).open("wb") as out:
        while part := opened.read(_PART):
            size += len(part)
            digest.update(part)
            out.write(part)
        out.flush()
        os.fsync(out.fileno())
    return size, digest.hexdigest()
