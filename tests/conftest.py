"""For all tests."""

from __future__ import annotations

import gc
import signal
from asyncio import AbstractEventLoop
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import FrameType

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import settings

from bot.loop import new_event_loop
from tests import postgres


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


gc.disable()  # as in `bot.__main__`, until all is collected: what is imported is kept for good
_GARBAGE = 10_000
"""New objects before the young are looked through: tests make few, and end soon."""

settings.register_profile("ci", settings.get_profile("ci"), max_examples=50)  # the same in every run

# As Python does by itself; but then asyncio puts one of its own in place for every loop.
signal.signal(signal.SIGINT, _interrupted)


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], AbstractEventLoop]]:
    """Tests run on the event loop that Easel runs on."""
    return {"easel": new_event_loop}


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is imported stays: the collector, and whoever asks it for all objects, need not walk over it."""
    if any(map(_on_server, session.items)) and not session.config.option.collectonly:
        postgres.begin()  # it takes some seconds, in which others can be at work
    gc.freeze()
    gc.set_threshold(_GARBAGE)
    gc.enable()


_FOLDERS = count()


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As pytest's own, but with no link to the latest and no look at all others: they take a millisecond."""
    name = "".join(letter if letter.isalnum() else "_" for letter in request.node.name[:30])
    folder = tmp_path_factory.getbasetemp() / f"{next(_FOLDERS)}-{name}"
    folder.mkdir(mode=0o700)
    return folder


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    """Before a test's time begins to count: a server that starts slowly is not the test's fault."""
    if not _on_server(item):
        return (yield)
    with suppress(RuntimeError):  # which the test itself meets again, and tells of
        postgres.server()
    try:
        return (yield)
    finally:
        postgres.done()


class Curtly:
    """A worker reports a test once: not that it began, was set up and cleared away, where nothing went wrong.

    A report on its way from one process to another takes longer than many a test.
    """

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        for report in runtestprotocol(item, log=False, nextitem=nextitem):
            if report.when == "call" or not report.passed:
                item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") and config.option.durations is None:
        config.pluginmanager.register(Curtly())


def _on_server(item: pytest.Item) -> bool:
    return item.get_closest_marker("postgresql") is not None
