"""The page itself: three NiceGUI elements in each tab, and the tabs that are open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import Client, core, ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments
from starlette.requests import Request

from adapters.web import encode
from adapters.web.encode import Message
from adapters.web.site import STATIC, version
from bot.command import Command
from bot.i18n import Words
from bot.model import User


class Conversation(Element, component=STATIC / "conversation.js"):
    """The messages. Emits ``press`` and ``use``; told ``put``, ``drop`` and ``toast``."""


class Composer(Element, component=STATIC / "composer.js"):
    """Where a request is put together. Emits ``say`` and ``ask``; told ``accepted`` and ``told``."""


class Questions(Element, component=STATIC / "questions.js"):
    """A dialog for a `Form`. Emits ``answer`` and ``cancel``; told ``ask``."""


_VIEWPORT = "width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"
_AT_HAND = ("balance", "settings", "help")


@dataclass(frozen=True, slots=True)
class Tab:
    """One open page, whoever looks at it, in the language that it was made in."""

    client: Client
    user: User
    language: str
    conversation: Conversation
    composer: Composer
    questions: Questions

    @property
    def id(self) -> str:
        return self.client.id

    def reload(self) -> None:
        self.client.run_javascript("location.reload()")


Heard = Callable[[Tab, str, Mapping[str, Any]], None]
"""An event of a tab, by its kind: ``say``, ``press``, ``answer``, ``cancel`` or ``ask``."""


class Tabs:
    """All tabs that are open, told the same things."""

    def __init__(self) -> None:
        self._tabs: dict[str, Tab] = {}

    def __iter__(self) -> Iterator[Tab]:
        return iter(tuple(self._tabs.values()))

    def add(self, tab: Tab) -> None:
        self._tabs[tab.id] = tab
        tab.client.on_delete(lambda: self._tabs.pop(tab.id, None))

    def _asker(self, name: str) -> list[Tab]:
        """The tab of that name, or all of them when it is closed."""
        return [self._tabs[name]] if name in self._tabs else list(self)

    def ask(self, asker: str, form: Mapping[str, Any]) -> None:
        for tab in self._asker(asker):
            tab.questions.run_method("ask", form)

    def toast(self, asker: str, text: str) -> None:
        for tab in self._asker(asker):
            tab.conversation.run_method("toast", text)

    def put(self, message: Message) -> None:
        for tab in self:
            tab.conversation.run_method("put", message)

    def drop(self, message: str) -> None:
        for tab in self:
            tab.conversation.run_method("drop", message)


def build(
    user: User,
    language: str,
    *,
    words: Words,
    commands: Sequence[Command],
    messages: list[Message],
    heard: Heard,
    password: bool,
) -> Tab:
    """Make the page for one tab."""
    labels = encode.labels(words, language)
    client = ui.context.client
    ui.add_head_html(f'<link rel="stylesheet" href="{version("easel.css")}">')
    with Element("div").classes("easel"):
        _header(words, language, commands, password)
        conversation = Conversation()
        conversation.props["messages"] = messages
        composer = Composer()
        composer.props["commands"] = encode.menu(commands, words, language)
        questions = Questions()
    for element in (conversation, composer, questions):
        element.props["words"] = labels
        element.props["language"] = language
    tab = Tab(client, user, language, conversation, composer, questions)
    for element, kinds in (
        (conversation, ("press",)),
        (composer, ("say", "ask")),
        (questions, ("answer", "cancel")),
    ):
        for kind in kinds:
            element.on(kind, _hearing(tab, kind, heard))
    return tab


def _hearing(tab: Tab, kind: str, heard: Heard) -> Callable[[GenericEventArguments], None]:
    def hear(event: GenericEventArguments) -> None:
        if isinstance(event.args, Mapping):
            heard(tab, kind, event.args)

    return hear


def _header(words: Words, language: str, commands: Sequence[Command], password: bool) -> None:
    with _element("header", "bar"):
        with _element("a", "wordmark", href="/"):
            _element("img", src=version("icon.svg"), alt="", width=26, height=26)
            ui.label(words.say(language, "web-easel"))
        with _element("nav"):
            for command in commands:
                if command.name in _AT_HAND:
                    _shortcut(f"/{command.name}", words.say(language, f"command-{command.name}"))
            if password:
                with _element("form", method="post", action="/logout"), _element("button", "quiet"):
                    ui.label(words.say(language, "web-logout"))


def _shortcut(command: str, about: str) -> None:
    """A command that needs no words, said by a click."""
    said = f"() => window.dispatchEvent(new CustomEvent('easel:say', {{detail: '{command}'}}))"
    with _element("button", "quiet", type="button", title=about).on("click", js_handler=said):
        ui.label(command)


def _element(tag: str, classes: str = "", **props: str | int) -> Element:
    element = Element(tag).classes(classes)
    element.props.update(props)
    return element


def mount(app: Any, show: Callable[[Request], Any], title: str) -> None:
    """Put NiceGUI under the application: one page, nothing of it from outside this machine's files."""
    ui.page("/", title=title, favicon=STATIC / "icon.svg", dark=None)(show)
    core.sio.eio.cors_allowed_origins = []
    ui.run_with(
        app,
        title=title,
        dark=None,
        tailwind=False,
        binding_refresh_interval=None,
        reconnect_timeout=10,
        message_history_length=200,
        show_welcome_message=False,
        viewport=_VIEWPORT,
    )
