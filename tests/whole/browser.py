"""A real Chromium, and Easel as a person starts it: one process, one folder, one port."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.forkserver import ROOT, Forked, fork, free_port

_WITHOUT = (
    # A window's address bar is two pages more, which take a second each; nobody sees it here.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    # Playwright's own list, of which nothing is left once there is another.
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
)
_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(_WITHOUT)}",
)
expect.set_options(timeout=20_000)  # on a machine that is busy
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str:
    """The path of the installed Chromium: ``CHROMIUM``, else the first that is found."""
    named = os.environ.get("CHROMIUM", "")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, _NAMES)), None)
    if not found:
        raise RuntimeError("No Chromium was found: run `make browser`, or set CHROMIUM to its path.")
    return found


@contextmanager
def browser() -> Iterator[Browser]:
    """Headless, with a fresh profile."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=list(_ARGS))
        yield opened
        opened.close()


@contextmanager
def relay() -> Iterator[str]:
    """The address of a relay (`tests.fakes.relay`) that runs beside Easel."""
    command = [sys.executable, "-m", "tests.fakes.relay", "--delay", "0.1", "--size", "20000"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.terminate()


@dataclass
class Easel:
    """``easel run`` in a folder of its own, on the sandbox unless the settings say otherwise.

    It is forked from a process that has imported already; ``fresh``: started from nothing.
    """

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = 0
    fresh: bool = False
    _process: Forked | None = None

    def __post_init__(self) -> None:
        self.port = self.port or free_port()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "easel.log").read_text(encoding="utf-8")

    def start(self) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONUNBUFFERED": "1",
            "WEB_PORT": str(self.port),
            "STORE_URL": f"sqlite:///{self.folder / 'easel.db'}",
            "UPSTREAM_DIALECT": "sandbox",
            "SANDBOX_DELAY": "0.4",
            **self.settings,
        }
        with (self.folder / "easel.log").open("ab") as log:
            self._process = fork(
                ["bot", "run"], cwd=self.folder, env=environment, output=log, fresh=self.fresh
            )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if not self.running:
                break
            try:
                with urllib.request.urlopen(f"{self.address}/health", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        self.stop(signal.SIGKILL)
        raise RuntimeError(f"Easel did not start:\n{self.log}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Its exit status."""
        assert self._process
        self._process.send_signal(how)
        return self._process.join(15)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None
