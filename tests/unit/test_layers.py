"""The architecture is a test: who may import whom, and one home for each library."""

from __future__ import annotations

import ast
import logging
import sys
from collections.abc import Iterator
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
    "tenacity": "bot/patience",
    "uvloop": "bot/loop",
}


def sources() -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[str]:
    """Top-level names of all modules imported anywhere in a file, functions included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def libraries() -> Iterator[tuple[str, str]]:
    """Each third-party library with each file that imports it: ``("httpx", "upstream/http")``."""
    for file in sources():
        where = file.relative_to(ROOT).with_suffix("").as_posix()
        for name in set(imported(ast.parse(file.read_text(encoding="utf-8")))):
            if name not in sys.stdlib_module_names and name not in ROOMS:
                yield name, where


def test_who_may_import_whom(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.disabled = False  # import-linter's own logging silences all that is there
    assert status == 0, capsys.readouterr().out


def test_every_library_is_imported_in_its_one_home_only() -> None:
    found = set(libraries())
    strangers = {
        (name, where)
        for name, where in found
        if not (home := HOMES.get(name)) or not (where == home or where.startswith(f"{home}/"))
    }
    assert not strangers
    assert {name for name, _ in found} == set(HOMES)


def test_no_module_takes_part_in_a_cycle() -> None:
    graph = grimp.build_graph(*ROOMS, cache_dir=None)
    modules = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(modules) > len(ROOMS)
    TopologicalSorter(modules).prepare()  # raises CycleError, which names the modules


def test_the_check_itself_sees_a_cycle_and_a_hidden_import() -> None:
    with pytest.raises(ValueError, match="cycle"):
        TopologicalSorter({"a": {"b"}, "b": {"a"}}).prepare()
    assert set(imported(ast.parse("def f():\n    from httpx._client import Client\nimport PIL.Image"))) == {
        "httpx",
        "PIL",
    }
