"""Takes the README's pictures anew (``make screenshots``): Easel in a temporary folder, on the sandbox."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, expect  # noqa: E402

from tests.whole.browser import Easel, browser  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
DESK = {"width": 1180, "height": 860}
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
    desk = chrome.new_page(viewport=DESK, device_scale_factor=2, color_scheme="light")
    desk.goto(address)
    expect(desk.get_by_role("heading")).to_be_visible()
    shoot(desk, "start")
    ask(desk, "/imagine A paper theatre of a harbour at dawn, lit from within --n 2 --size 3:2", 1)
    ask(desk, "/imagine A corgi in a space suit, watching the earth rise --size 16:9", 2)
    shoot(desk, "playground")
    desk.locator("article").last.screenshot(path=PICTURES / "answer.png")
    for name, scheme in (("phone", "light"), ("phone-dark", "dark")):
        phone = chrome.new_page(
            viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True, color_scheme=scheme
        )
        phone.goto(address)
        seen(phone)
        shoot(phone, name)
    night = chrome.new_page(viewport=DESK, device_scale_factor=2, color_scheme="dark")
    night.goto(address)
    seen(night)
    shoot(night, "dark")


def ask(page: Page, words: str, count: int) -> None:
    """Type a prompt and wait for its pictures."""
    page.get_by_role("combobox", name="Your words").fill(words)
    page.keyboard.press("Enter")
    answers = page.locator("article:not(.mine)")
    expect(answers).to_have_count(count)
    expect(answers.last.get_by_role("button", name="Again")).to_be_visible(timeout=30_000)
    seen(page)


def seen(page: Page) -> None:
    """All pictures are loaded, and the latest is in view."""
    expect(page.locator("article").last).to_be_visible()
    page.wait_for_function("[...document.images].every(image => image.complete)")
    page.wait_for_function(
        "(box => box.scrollTop + box.clientHeight >= box.scrollHeight - 2)"
        "(document.querySelector('.conversation'))"
    )


def shoot(page: Page, name: str) -> None:
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    main()
