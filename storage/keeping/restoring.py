"""An archive put in place: whole or not at all, and what was there before is kept."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.errors import SetupError
from bot.model import now
from storage import premises, schema
from storage.keeping import archive, flow
from storage.keeping.archive import DATABASE, SECRET, Manifest
from storage.keeping.files import owned
from storage.keeping.holdings import demand_known, demand_same_schema, looked_at, row_counts, writing
from storage.keeping.moves import pour


async def restore(file: Path, url: str, folder: Path, *, over: bool = False) -> tuple[Manifest, Path | None]:
    """Put an archive of either kind in place; and where what was there before is kept, if it was replaced.

    Raises `SetupError`: an Easel runs here, there is data already (and not ``over``), the archive is
    damaged or of a newer Easel. Nothing is changed then.
    """
    folder = premises.data_folder(folder)
    path = None if premises.on_server(url) else premises.database_file(url)
    with premises.occupied(folder, path):
        if path and not over and _holds_data(path, folder):
            raise SetupError("setup-holds-data", path=str(path))
        with TemporaryDirectory(dir=folder, prefix=".restore-") as staging:
            manifest = await _staged(file, Path(staging))
            if path:
                return manifest, _placed(Path(staging), path, folder)
            async with looked_at(f"sqlite:///{staging}/{DATABASE}", Path(staging)) as source:
                await pour(source, url, folder)
            return manifest, None


def _holds_data(database: Path, folder: Path) -> bool:
    return database.stat().st_size > 0 or any(premises.pictures(folder).iterdir())


async def _staged(file: Path, staging: Path) -> Manifest:
    """The archive as a database of this version and its pictures, in a folder."""
    manifest = archive.unpacked(file, staging)
    database = staging / DATABASE
    if manifest.portable:
        demand_same_schema(manifest.applied, str(file))
        owned(database)
        schema.bring_up_to_date(database)
        await _load(staging, database)
    else:
        demand_known(manifest.applied, str(file))
        _demand_whole(database, file)
        schema.bring_up_to_date(database)
    counts = row_counts(database)
    if any(counts.get(name) != count for name, count in manifest.counts.items()):
        raise SetupError("setup-archive-damaged", path=str(file), reason="counts")
    return manifest


def _demand_whole(database: Path, file: Path) -> None:
    try:
        with closing(sqlite3.connect(database)) as connection:
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise SetupError("setup-archive-damaged", path=str(file), reason=said)


async def _load(staging: Path, database: Path) -> None:
    with writing(database) as tx:
        for table in flow.tables():
            with (staging / table.file).open(encoding="utf-8") as lines:
                await flow.insert(tx, table, map(flow.read_line, lines))


def _placed(staging: Path, database: Path, folder: Path) -> Path | None:
    """What is staged becomes what is there; renaming the database is the moment from which on it is.

    Until then the old database has all its pictures still, after it the new one has all of its own.
    """
    kept = _kept(database, folder) if _holds_data(database, folder) else None
    pictures, fresh = premises.pictures(folder), staging / "pictures"
    names = {file.name for file in fresh.iterdir()} if fresh.is_dir() else set()
    for name in names:
        (fresh / name).replace(pictures / name)
    premises.on_disk(pictures)
    if (staging / SECRET).exists():
        (staging / SECRET).replace(folder / SECRET)
    (staging / DATABASE).replace(database)
    premises.on_disk(database.parent)
    for file in pictures.iterdir():
        if file.name not in names:
            file.unlink()
    return kept


def _kept(database: Path, folder: Path) -> Path:
    """A second name for everything that is there, in a folder of its own."""
    kept = folder / f"before-restore-{now():%Y%m%d-%H%M%S-%f}"
    (kept / "pictures").mkdir(mode=0o700, parents=True)
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # a damaged one is kept as it is
    _link(database, kept / database.name)
    for beside in (Path(f"{database}-wal"), Path(f"{database}-shm")):
        if beside.exists():
            beside.replace(kept / beside.name)
    if (folder / SECRET).exists():
        _link(folder / SECRET, kept / SECRET)
    for file in premises.pictures(folder).iterdir():
        _link(file, kept / "pictures" / file.name)
    premises.on_disk(kept / "pictures")
    premises.on_disk(kept)
    return kept


def _link(file: Path, to: Path) -> None:
    try:
        to.hardlink_to(file)
    except OSError:  # a file system without links
        shutil.copy2(file, to)
