"""In which order these tests are run, and which of them by the same worker."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

HERE = Path(__file__).parent


class OneHouse(LoadScopeScheduling):
    """Tests of a file that share something stay together, all others go to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return file if _shares(self.config.rootpath / file) else nodeid


@cache
def _shares(file: Path) -> bool:
    """The process that hands out tests knows nothing of them but their names."""
    return 'scope="module"' in file.read_text(encoding="utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """With ``--dist loadscope --no-loadscope-reorder``."""
    return OneHouse(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may take longest begins first, so that nobody is waited for at the end."""
    items.sort(key=_patience, reverse=True)


def _patience(item: pytest.Item) -> float:
    """The seconds that it may take; those elsewhere, which are short, come last."""
    limit = item.get_closest_marker("timeout")
    return float(limit.args[0]) if limit else float(HERE in item.path.parents)
