"""The architecture is a test: who may import whom, and one home for each library."""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "adapters", "storage", "upstream")

HOMES = {
    "telegram": "adapters/telegram",
    "discord": "adapters/discord",
    "aiohttp": "adapters/discord",  # discord.py lets its errors and addresses through
    "yarl": "adapters/discord",
    "nicegui": "adapters/web",
    "fastapi": "adapters/web",
    "starlette": "adapters/web",
    "uvicorn": "adapters/web",
    "httpx": "upstream",
    "httpcore": "upstream",  # below httpx: where an address is dialled
    "anyio": "adapters/web/held",  # what Starlette reads files with
    "aiohappyeyeballs": "upstream",
    "pybase64": "upstream",
    "aiosqlite": "storage",
    "psycopg": "storage",
    "psycopg_pool": "storage",
    "procrastinate": "storage",
    "yoyo": "storage",
    "PIL": "bot/media",
    "pygal": "bot/chart",
    "resvg_py": "bot/chart",
    "cryptography": "bot/security",
    "fluent": "bot/i18n",
    "babel": "bot/i18n",  # below fluent: what it knows of languages
    "prometheus_client": "bot/metrics",
    "pydantic": "bot/settings",
    "pydantic_core": "bot/settings",
    "pydantic_settings": "bot/settings",
    "dotenv": "bot/settings",  # below pydantic_settings: which lines of the file say nothing
    "tenacity": "bot/patience",
    "uvloop": "bot/loop",
}


@cache
def graph() -> grimp.ImportGraph:
    """Who imports whom, functions included, down to the libraries."""
    return grimp.build_graph(*ROOMS, include_external_packages=True, cache_dir=None)


def libraries(graph: grimp.ImportGraph, rooms: Collection[str] = ROOMS) -> Iterator[tuple[str, str]]:
    """Each third-party library with each file that imports it: ``("httpx", "upstream/http")``."""
    for name in graph.modules:
        if name.split(".")[0] not in {*rooms, *sys.stdlib_module_names}:
            for module in graph.find_modules_that_directly_import(name):
                yield name, module.replace(".", "/")


def test_who_may_import_whom(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.disabled = False  # import-linter's own logging silences all that is there
    assert status == 0, capsys.readouterr().out


def test_every_library_is_imported_in_its_one_home_only() -> None:
    found = set(libraries(graph()))
    strangers = {
        (name, where)
        for name, where in found
        if not (home := HOMES.get(name)) or not (where == home or where.startswith(f"{home}/"))
    }
    assert not strangers
    assert {name for name, _ in found} == set(HOMES)


def test_no_module_takes_part_in_a_cycle() -> None:
    ours = {module for module in graph().modules if module.split(".")[0] in ROOMS}
    modules = {module: ours & graph().find_modules_directly_imported_by(module) for module in ours}
    assert len(modules) > len(ROOMS)
    TopologicalSorter(modules).prepare()  # raises CycleError, which names the modules


def test_the_check_itself_sees_a_cycle_and_a_hidden_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="cycle"):
        TopologicalSorter({"a": {"b"}, "b": {"a"}}).prepare()
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "__init__.py").write_text(
        "def f():\n    from httpx._client import Client\nimport PIL.Image"
    )
    monkeypatch.syspath_prepend(tmp_path)
    tiny = grimp.build_graph("tiny", include_external_packages=True, cache_dir=None)
    assert set(libraries(tiny, ["tiny"])) == {("httpx", "tiny"), ("PIL", "tiny")}
