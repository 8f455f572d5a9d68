"""The playground in a real browser, on a real process: what a person does, and what they see."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from tests.contract.pictures import png
from tests.fakes.relay import KEY
from tests.whole.browser import Easel, browser, relay
from tests.whole.house import lying_in

pytestmark = [pytest.mark.whole, pytest.mark.browser, pytest.mark.timeout(120)]

PHONE = {"width": 390, "height": 844}
PASSWORD = "open-sesame-42"
Opened = Callable[..., Page]


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture
def easel(tmp_path: Path) -> Iterator[Easel]:
    house = Easel(tmp_path)
    house.start()
    yield house
    if house.running:
        assert house.stop() == 0


@pytest.fixture
def opened(chrome: Browser, easel: Easel) -> Iterator[Opened]:
    """Opens the playground in a browser of its own; what it complains about fails the test."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    def stranger(request: Request) -> None:
        if urlsplit(request.url).hostname not in ("127.0.0.1", None, ""):
            complaints.append(f"a request left the machine: {request.url}")

    def opened(**options: object) -> Page:
        context = chrome.new_context(base_url=easel.address, **options)  # type: ignore[arg-type]
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", stranger)
        page.goto("/")
        expect(composer(page)).to_be_visible()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(opened: Opened) -> Page:
    return opened()


def composer(page: Page) -> Locator:
    return page.get_by_role("combobox", name=re.compile("Your words|你的描述"))


def say(page: Page, words: str) -> None:
    composer(page).fill(words)
    composer(page).press("Enter")
    expect(composer(page)).to_have_value("")


def answers(page: Page) -> Locator:
    return page.locator("article:not(.mine)")


def finished(page: Page, count: int = 1) -> Locator:
    """The latest answer, once there are so many and it is no longer worked at."""
    expect(answers(page)).to_have_count(count)
    latest = answers(page).nth(count - 1)
    expect(latest).to_have_attribute("aria-busy", "false")
    return latest


def sides(picture: Locator) -> tuple[int, int]:
    """What the browser has decoded."""
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    width, height = picture.evaluate("image => [image.naturalWidth, image.naturalHeight]")
    assert width > 0
    return width, height


def painted(
    page: Page, words: str = "/imagine a corgi in a space suit --size 16:9", count: int = 1
) -> Locator:
    say(page, words)
    answer = finished(page, count)
    expect(answer.get_by_role("button", name="Again")).to_be_visible()
    return answer


def test_a_prompt_becomes_a_picture(page: Page) -> None:
    expect(page.get_by_role("heading", name="What shall we paint?")).to_be_visible()
    say(page, "/imagine a corgi in a space suit --size 16:9")
    expect(page.locator("article.mine")).to_contain_text("/imagine a corgi in a space suit --size 16:9")
    expect(answers(page).first).to_have_attribute("aria-busy", "true")
    answer = finished(page)
    assert sides(answer.locator("figure img")) == (1536, 864)
    expect(answer).to_contain_text("1536×864")


def test_plain_words_are_enough_and_an_example_too(page: Page) -> None:
    page.get_by_role("button", name=re.compile("corgi")).click()
    expect(composer(page)).to_be_focused()
    composer(page).press("Enter")
    expect(finished(page)).to_contain_text("A corgi in a space suit")
    say(page, "a fox in the snow")
    assert sides(finished(page, 2).locator("figure img")) == (1024, 1024)


def test_a_picture_is_edited_again(page: Page) -> None:
    painted(page).get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("textbox").fill("make it night")
    dialog.get_by_role("textbox").press("Enter")
    answer = finished(page, 2)
    expect(answer).to_contain_text("make it night")
    sides(answer.locator("figure img"))
    expect(dialog).to_be_hidden()
    expect(page.locator("article.mine .words").last).to_have_text("make it night")


def test_options_are_filled_in_as_a_form(page: Page) -> None:
    form = options(page)
    form.get_by_label("Size").fill("3:2")
    form.get_by_label("Quality").select_option("high")
    form.get_by_label("Pictures").fill("2")
    say(page, "two foxes")
    expect(form).to_be_hidden()
    expect(page.locator("article.mine .tags")).to_contain_text("size 3:2")
    pictures = finished(page).locator("figure img")
    expect(pictures).to_have_count(2)
    assert {sides(pictures.nth(at)) for at in range(2)} == {(1536, 1024)}
    say(page, "one fox")
    assert sides(finished(page, 2).locator("figure img")) == (1536, 1024)
    form = options(page)
    expect(form.get_by_label("Pictures")).to_have_value("")
    form.get_by_role("button", name="Clear").click()
    expect(form.get_by_label("Size")).to_have_value("")
    form.get_by_label("Size").press("Escape")
    expect(form).to_be_hidden()
    expect(composer(page)).to_be_focused()


def test_the_form_goes_with_a_typed_command_where_it_is_its_own(page: Page) -> None:
    options(page).get_by_label("Pictures").fill("2")
    composer(page).fill("/again k3v9abcdef")
    expect(page.get_by_role("group", name="Options")).to_contain_text("Another command is being typed")
    expect(page.get_by_label("Pictures --n")).to_be_disabled()
    composer(page).fill("/settings ")
    expect(page.get_by_label("Pictures --n")).to_have_value("")
    say(page, "/imagine a third bird")
    expect(finished(page).locator("figure img")).to_have_count(2)
    options(page).get_by_label("Pictures").fill("2")
    say(page, "/imagine a third bird --n 1")
    expect(finished(page, 2).locator("figure img")).to_have_count(1)
    expect(page.locator("article.mine .tags")).to_have_count(1)


def options(page: Page) -> Locator:
    """The form, opened."""
    page.get_by_role("button", name="Options").click()
    return page.get_by_role("group", name="Options")


@pytest.mark.parametrize("window", [PHONE, {"width": 1180, "height": 900}], ids=["phone", "desk"])
def test_an_interruption_loses_nothing_and_covers_nothing(
    opened: Opened, easel: Easel, window: dict[str, int]
) -> None:
    page = opened(viewport=window)
    page.locator("input[type=file]").set_input_files(
        [{"name": "mine.png", "mimeType": "image/png", "buffer": png(300, 200)}]
    )
    options(page).get_by_label("Size").fill("3:2")
    composer(page).fill("make it night")
    expect(page.locator(".chosen li:not(.coming)")).to_have_count(1)
    page.evaluate("document.getElementById('popup').ariaHidden = false")
    notice = page.locator("#popup")
    expect(notice).to_be_visible()
    expect(notice).to_have_text("Easel can't be reached right now. Trying again…")
    boxes = [found.bounding_box() for found in (notice, page.locator(".sheet"), page.locator(".bar"))]
    assert all(boxes)
    said, sheet, bar = (box for box in boxes if box)
    assert bar["y"] + bar["height"] <= said["y"]
    assert said["y"] + said["height"] < sheet["y"]
    assert said["x"] >= 0
    assert said["x"] + said["width"] <= window["width"]
    page.reload()
    expect(composer(page)).to_have_value("make it night")
    expect(page.get_by_label("Command", exact=True)).to_have_value("edit")
    expect(options(page).get_by_label("Size")).to_have_value("3:2")
    expect(page.locator(".chosen img")).to_have_js_property("naturalWidth", 300)
    composer(page).press("Enter")
    sides(finished(page).locator("figure img"))
    expect(page.get_by_label("Command", exact=True)).to_have_value("imagine")


def test_pictures_are_brought_along(page: Page) -> None:
    file = {"name": "mine.png", "mimeType": "image/png", "buffer": png(300, 200)}
    page.locator("input[type=file]").set_input_files([file])
    expect(page.get_by_label("Command", exact=True)).to_have_value("edit")
    for event in ("drop", "paste"):
        page.evaluate(_GIVEN, [event, list(png(200, 300))])
    expect(page.locator(".chosen li:not(.coming)")).to_have_count(3)
    say(page, "put them on one table")
    expect(page.locator("article.mine .attached img")).to_have_count(3)
    sides(finished(page).locator("figure img"))
    expect(page.get_by_label("Command", exact=True)).to_have_value("imagine")


_GIVEN = """([event, bytes]) => {
    const given = new DataTransfer();
    given.items.add(new File([new Uint8Array(bytes)], event + ".png", { type: "image/png" }));
    const data = event === "drop" ? { dataTransfer: given } : { clipboardData: given };
    const made = event === "drop" ? new DragEvent(event, { ...data, bubbles: true, cancelable: true })
                                  : new ClipboardEvent(event, { ...data, bubbles: true, cancelable: true });
    document.querySelector(".composer textarea").dispatchEvent(made);
}"""


@pytest.mark.parametrize(
    ("flags", "pictures", "box"),
    [("--size 21:9", 1, (560, 240)), ("--size 9:16", 1, (293, 521)), ("--size 3:2 --n 2", 2, (359, 239))],
)
def test_a_picture_has_its_place_before_it_comes(
    page: Page, flags: str, pictures: int, box: tuple[int, int]
) -> None:
    page.evaluate(_SEEN)
    painted(page, f"/imagine a harbour {flags}")
    expect(page.locator("figure")).to_have_count(pictures)
    seen = page.evaluate("[...window.seen]")
    assert len(seen) >= 1
    for width, height in (map(int, size.split("x")) for size in seen):
        assert (width, height) == pytest.approx(box, abs=2), seen


_SEEN = """() => {
    window.seen = new Set();
    const look = () => {
        for (const box of document.querySelectorAll("figure")) {
            window.seen.add(Math.round(box.clientWidth) + "x" + Math.round(box.clientHeight));
        }
        requestAnimationFrame(look);
    };
    look();
}"""


def test_long_words_are_folded(page: Page) -> None:
    answer = painted(page, "A very long prompt about a bird. " * 70)
    words = page.locator("article.mine .words")
    caption = answer.locator(".words > span")
    for box, most in ((words.bounding_box(), 340), (caption.bounding_box(), 80)):
        assert box
        assert box["height"] < most
    page.get_by_role("button", name="Show all").click()
    folded, whole = 340, words.bounding_box()
    assert whole
    assert whole["height"] > 2 * folded
    page.get_by_role("button", name="Show less").click()
    expect(page.get_by_role("button", name="Show all")).to_be_visible()
    say(page, "a fox")
    expect(page.get_by_role("button", name="Show all")).to_have_count(1)


def test_a_picture_is_looked_at_used_and_downloaded(page: Page) -> None:
    answer = painted(page)
    answer.get_by_role("button", name="Look closer").click()
    viewer = page.get_by_role("dialog", name="Look closer")
    expect(viewer).to_contain_text("1536 × 864 · PNG")
    with page.expect_download() as download:
        viewer.get_by_role("link", name="Download").click()
    head = Path(download.value.path()).read_bytes()[:24]
    assert struct.unpack(">II", head[16:24]) == (1536, 864)
    viewer.get_by_role("button", name="Use in the next prompt").click()
    expect(viewer).to_be_hidden()
    expect(page.get_by_label("Command", exact=True)).to_have_value("edit")
    say(page, "as a stamp")
    sides(finished(page, 2).locator("figure img"))


def test_the_original_comes_as_a_file(page: Page) -> None:
    painted(page).get_by_role("button", name="Original").click()
    link = answers(page).nth(1).get_by_role("link")
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename.endswith(".png")


def test_an_error_is_read(page: Page) -> None:
    say(page, "/imagine a fox --size 17:3")
    expect(answers(page)).to_contain_text("17:3")
    expect(answers(page)).to_contain_text("16:9")
    file = {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    page.locator("input[type=file]").set_input_files([file])
    say(page, "make it blue")
    expect(answers(page)).to_have_count(2)
    say(page, "狐狸" * 50_000)
    expect(answers(page).nth(2)).to_contain_text("32,000")
    expect(page.locator("figure")).to_have_count(0)


def test_its_own_key_is_set(chrome: Browser, tmp_path: Path) -> None:
    with relay() as address:
        house = Easel(tmp_path, {"TRUSTED_HOSTS": urlsplit(address).netloc})
        house.start()
        page = chrome.new_page(base_url=house.address)
        page.goto("/")
        for at, key in enumerate(("sk-wrong-0123456789abcdef", KEY), 1):
            say(page, "/key")
            dialog = page.get_by_role("dialog")
            expect(dialog.locator("input").first).to_have_attribute("type", "password")
            dialog.locator("input").first.fill(key)
            dialog.locator("select").select_option("shenfeng")
            dialog.locator("input").nth(1).fill(address)
            dialog.get_by_role("button", name="Send").click()
            expect(answers(page)).to_have_count(at)
            expect(dialog).to_be_hidden()
            assert key not in page.content()
        expect(answers(page).last).to_contain_text("sk-…cdef")
        assert sides(painted(page, count=3).locator("figure img")) == (1536, 864)
        say(page, "/key forget")
        expect(answers(page)).to_have_count(4)
        say(page, f"/key {KEY}")
        expect(answers(page)).to_have_count(5)
        assert KEY not in page.content()
        page.close()
        assert house.stop() == 0
    assert KEY not in house.log
    assert not any(KEY.encode() in content for _, content in lying_in(tmp_path))


def test_words_are_never_markup(page: Page) -> None:
    sly = "<img src=x onerror=\"document.title='taken'\"> <b>bold</b> {{ 1 + 1 }} **stars**"
    answer = painted(page, f"/imagine {sly}")
    expect(answer).to_contain_text(sly)
    expect(page.locator("article.mine")).to_contain_text(sly)
    assert page.title() == "Easel"


def test_it_is_typed_on_a_keyboard(page: Page) -> None:
    words = composer(page)
    words.press_sequentially("/bal")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    words.press("Tab")
    expect(words).to_have_value("/balance ")
    words.press("Enter")
    expect(answers(page)).to_have_count(1)
    words.press_sequentially("/imagine a fox --qual")
    words.press("Enter")
    words.press_sequentially("hi")
    words.press("Enter")
    expect(words).to_have_value("/imagine a fox --quality high ")
    words.press("Shift+Enter")
    words.press_sequentially("in snow")
    words.press("Enter")
    expect(page.locator("article.mine").nth(1)).to_contain_text("/imagine a fox --quality high")
    finished(page, 2)
    words.press("ArrowUp")
    expect(words).to_have_value("/imagine a fox --quality high \nin snow")


def test_every_tab_sees_the_same(opened: Opened, page: Page) -> None:
    other = opened()
    answer = painted(page)
    assert finished(other).inner_text() == answer.inner_text()
    other.get_by_role("button", name="Delete").click()
    expect(finished(page)).to_be_visible()
    other.get_by_role("button", name="Really delete?").click()
    for tab in (page, other):
        expect(tab.locator("article")).to_have_count(0)


def test_what_is_deleted_or_forgotten_leaves_no_words(page: Page, easel: Easel) -> None:
    answer = painted(page, "/imagine SECRETWORD bird")
    answer.get_by_role("button", name="Delete").dblclick()
    expect(answers(page)).to_have_count(1)
    answer.get_by_role("button", name="Really delete?").click()
    expect(page.locator("article")).to_have_count(0)
    page.reload()
    expect(composer(page)).to_be_visible()
    assert "SECRETWORD" not in page.content()
    painted(page, "/imagine SECOND bird")
    say(page, "/imagine a THIRD bird --size 17:3")
    say(page, "/forget me")
    answers(page).get_by_role("button", name="Yes").click()
    expect(page.locator("article")).to_have_count(1)
    page.goto("about:blank")
    assert easel.stop() == 0
    easel.start()
    page.goto(easel.address)
    expect(page.get_by_role("heading", name="What shall we paint?")).to_be_visible()
    assert not any(word.encode() in b for word in ("SECRETWORD", "SECOND") for _, b in lying_in(easel.folder))


def test_a_question_that_is_closed_was_not_said(page: Page) -> None:
    say(page, "/key")
    dialog = page.get_by_role("dialog")
    expect(page.locator("article.mine")).to_have_count(1)
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.locator("article")).to_have_count(0)
    say(page, "/key")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("article")).to_have_count(0)


def test_a_reload_and_a_restart_keep_the_conversation(page: Page, easel: Easel) -> None:
    painted(page)
    composer(page).fill("a draft")
    page.reload()
    expect(composer(page)).to_have_value("a draft")
    expect(page.locator("article.mine")).to_have_count(1)
    assert sides(finished(page).locator("figure img")) == (1536, 864)
    page.goto("about:blank")
    assert easel.stop() == 0
    easel.start()
    page.goto(easel.address)
    answer = finished(page)
    assert sides(answer.locator("figure img")) == (1536, 864)
    mine = page.locator("article.mine")
    expect(mine).to_have_count(1)
    expect(mine.locator(".words")).to_have_text("a corgi in a space suit")
    expect(mine.locator(".tags")).to_have_text("/imaginesize 16:9")
    assert page.locator("article").first.get_attribute("data-post") == mine.get_attribute("data-post")
    answer.get_by_role("button", name="Again").click()
    sides(finished(page, 2).locator("figure img"))
    expect(mine).to_have_count(1)
    answers(page).first.get_by_role("button", name="Delete").click()
    answers(page).first.get_by_role("button", name="Really delete?").click()
    expect(mine).to_have_count(0)
    expect(answers(page)).to_have_count(1)


def test_it_fits_a_phone_and_follows_the_systems_colours(opened: Opened) -> None:
    phone = opened(viewport=PHONE, has_touch=True, is_mobile=True, color_scheme="dark")
    painted(phone, "/imagine four foxes --n 4")
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert phone.evaluate("document.querySelector('.conversation').scrollWidth") <= PHONE["width"]
    for picture in phone.locator("figure").all():
        box = picture.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
    light = opened(color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert phone.evaluate(ground) != light.evaluate(ground)


def test_it_speaks_the_browsers_language_and_changes_it(opened: Opened) -> None:
    page = opened(locale="zh-CN")
    expect(page.get_by_role("heading", name="今天画点什么？")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.get_by_role("button", name="/settings").click()
    answers(page).get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("button", name="Send")).to_be_visible()


def test_a_password_stands_before_the_playground(chrome: Browser, tmp_path: Path) -> None:
    house = Easel(tmp_path, {"WEB_HOST": "0.0.0.0", "WEB_PASSWORD": PASSWORD}, fresh=True)
    house.start()
    page = chrome.new_page()
    page.goto(house.address)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("WEB_PASSWORD")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    sides(painted(page).locator("figure img"))
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Password")).to_be_visible()
    page.close()
    assert house.stop() == 0
    assert PASSWORD not in house.log


def test_an_open_house_needs_a_password(tmp_path: Path) -> None:
    house = Easel(tmp_path, {"WEB_HOST": "0.0.0.0"})
    with pytest.raises(RuntimeError, match="WEB_PASSWORD"):
        house.start()
