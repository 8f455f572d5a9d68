"""A video in a real browser, by Easel's own process and a relay's: asked for, agreed to, played."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.fakes.relay import KEY
from tests.whole.browser import ROOT, Easel, browser

pytestmark = [pytest.mark.whole, pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def relay() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.fakes.relay", "--dialect", "image2free", "--delay", "0.2"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.terminate()


@pytest.fixture
def page(relay: str, tmp_path: Path) -> Iterator[Page]:
    settings = {"UPSTREAM_DIALECT": "image2free", "UPSTREAM_URL": relay, "UPSTREAM_KEY": KEY}
    easel = Easel(tmp_path, settings)
    easel.start()
    with browser() as chrome:
        page = chrome.new_page(base_url=easel.address)
        page.goto("/")
        yield page
    assert easel.stop() == 0


def ask(page: Page, words: str) -> None:
    box = page.get_by_role("combobox", name="Your words")
    box.fill(words)
    box.press("Enter")


def test_a_video_is_made_and_has_a_player(page: Page) -> None:
    ask(page, "/video a fox runs --model happyhorse-1.0 --seconds 3 --ratio 1:1")
    player = page.locator("article video")
    expect(player).to_have_count(1, timeout=15_000)
    expect(page.get_by_text("1280×720")).to_be_visible()
    playing = "v => v.play().then(() => v.readyState >= 2 && v.duration === 3 && v.videoWidth === 1280)"
    assert player.evaluate(playing) is True
    page.wait_for_function("document.querySelector('article video').currentTime > 0.2", timeout=10_000)
    source = player.get_attribute("src")
    part = page.request.get(source or "", headers={"Range": "bytes=0-11"})
    assert (part.status, part.headers["content-type"], part.body()[4:8]) == (206, "video/mp4", b"ftyp")


def test_a_dear_one_is_asked_about_first(page: Page) -> None:
    ask(page, "/video a fox runs --model veo3.1-fast")
    page.get_by_role("button", name="Go ahead").click(timeout=15_000)
    expect(page.locator("article video")).to_have_count(1, timeout=15_000)
    expect(page.get_by_role("button", name="Go ahead")).to_have_count(0)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("it rests")
    page.get_by_role("dialog").get_by_role("textbox").press("Control+Enter")
    page.get_by_role("button", name="Go ahead").click(timeout=15_000)
    expect(page.locator("article video")).to_have_count(2, timeout=15_000)
