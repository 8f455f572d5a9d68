"""Takes the README's pictures anew (``make screenshots``): Easel in a temporary folder, on the sandbox."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, expect  # noqa: E402

from tests.whole.browser import Easel, browser  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
DESK = {"width": 1180, "height": 900}
PHONE = {"width": 390, "height": 844}


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, browser() as chrome:
        easel = Easel(Path(folder), {"SANDBOX_DELAY": "0.2"})
        easel.start()
        try:
            take(chrome, easel.address)
        finally:
            easel.stop()


def take(chrome: Browser, address: str) -> None:
    desk = opened(chrome, address, viewport=DESK, color_scheme="light")
    ask(desk, "/imagine A paper theatre of a harbour at dawn, lit from within --size 21:9", 1)
    choose(desk, {"size": "3:2", "n": "2"})
    ask(desk, "A corgi in a space suit, watching the earth rise", 2)
    shoot(desk, "playground")
    closer(desk, "answer")
    shoot(opened(chrome, address, viewport=DESK, color_scheme="dark"), "dark")
    shoot(opened(chrome, address, viewport=PHONE, is_mobile=True, has_touch=True), "phone")


def opened(chrome: Browser, address: str, **how: Any) -> Page:
    page = chrome.new_page(device_scale_factor=2, **how)
    page.goto(address)
    expect(page.get_by_role("combobox", name="Your words")).to_be_visible()
    return page


def choose(page: Page, options: dict[str, str]) -> None:
    """Fill the form of the command's options."""
    page.get_by_role("button", name="Options").click()
    for name, value in options.items():
        page.get_by_role("group", name="Options").get_by_label(f"--{name}").fill(value)
    page.get_by_role("button", name="Options").click()


def ask(page: Page, words: str, count: int) -> None:
    """Type a prompt and wait for its pictures."""
    page.get_by_role("combobox", name="Your words").fill(words)
    page.keyboard.press("Enter")
    answers = page.locator("article:not(.mine)")
    expect(answers).to_have_count(count)
    expect(answers.last.get_by_role("button", name="Again")).to_be_visible(timeout=30_000)


def seen(page: Page) -> None:
    """All pictures are loaded, and the latest is in view."""
    expect(page.locator("article").last).to_be_visible()
    page.wait_for_function("[...document.images].every(image => image.complete)")
    page.wait_for_function(
        "(box => box.scrollTop + box.clientHeight >= box.scrollHeight - 2)"
        "(document.querySelector('.conversation'))"
    )


def closer(page: Page, name: str) -> None:
    """The latest answer, with some air around it."""
    box = page.locator("article").last.bounding_box()
    assert box  # noqa: S101  # it was waited for
    clip = {"x": box["x"] - 24, "y": box["y"] - 16, "width": box["width"] + 48, "height": box["height"] + 36}
    page.screenshot(path=PICTURES / f"{name}.png", clip=clip)  # type: ignore[arg-type]  # a dict of its shape


def shoot(page: Page, name: str) -> None:
    seen(page)
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    main()
