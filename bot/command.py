"""A command is a function; its signature is read once, as a declaration.

Telegram's menu and flag parser, Discord's slash options, the web form and ``/help`` are all
made from the `Command` and its `Option`s. Descriptions live in the locales, under
``command-<name>`` and ``option-<name>``, so each exists in every language.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from bot.errors import BadOption
from bot.model import Attachment

Value = Any

DEFAULT = "default"
"""What is said to have nothing in particular, but what is usual."""


class Kind(StrEnum):
    """How an option is asked for. ``TEXT`` with `Option.rest` takes all that is not a flag."""

    TEXT = "text"
    CHOICE = "choice"
    INTEGER = "integer"
    PICTURES = "pictures"
    PERSON = "person"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Rest:
    """Annotates the one text that takes all words which are not flags.

    ``flags``: they count in it even where a form or a slash option took it. A key or a name stays as it is.
    """

    max_length: int = 32_000
    flags: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """Annotates an integer: both ends inclusive."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A value with a syntax of its own: ``read`` raises `ValueError`, ``suggestions`` help to type."""

    read: Callable[[str], Any]
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usual:
    """Annotates an option that may be ``default``, and what that means."""

    value: Any


@dataclass(frozen=True, slots=True)
class Pictures:
    """Annotates ``tuple[Attachment, ...]``: pictures that came along, at most ``most``."""

    most: int = 16


@dataclass(frozen=True, slots=True)
class Person:
    """Annotates a text that points at a member: an id, a name, ``@handle``; see `bot.people`."""


@dataclass(frozen=True, slots=True)
class Role:
    """Annotates a text that points at a role: its id, and after a space its name where that is known."""


@dataclass(frozen=True, slots=True)
class Option:
    """One parameter of a command.

    ``choices`` is the closed list of a ``CHOICE``; ``suggestions`` help to type a ``TEXT``, and
    any other value may be typed too. ``usual`` is what ``default`` means, where it may be said.
    """

    name: str
    kind: Kind
    required: bool
    rest: bool = False
    flagged: bool = False
    secret: bool = False
    choices: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    max_length: int = 200
    read: Callable[[str], Any] = field(default=str, repr=False)
    usual: Any = None

    @property
    def flag(self) -> str:
        """The option's name as typed: ``reply_edits`` → ``reply-edits``."""
        return self.name.replace("_", "-")

    def parse(self, raw: str | int | bool) -> Value:
        """A typed or typed-in value. Raises `BadOption`, which names what is allowed."""
        text = str(raw).strip()
        if self.usual is not None and text.lower() == DEFAULT:
            return self.usual
        try:
            return self._parse(text)
        except ValueError as error:
            raise BadOption(option=self.flag, value=text[:60], allowed=self.allowed) from error

    def _parse(self, text: str) -> Value:
        if self.kind is Kind.INTEGER:
            number = int(text)
            if (self.least is not None and number < self.least) or (
                self.most is not None and number > self.most
            ):
                raise ValueError(text)
            return number
        if self.kind is Kind.CHOICE and text.lower() not in self.choices:
            raise ValueError(text)
        return self.read(text.lower() if self.kind is Kind.CHOICE else text)

    @property
    def allowed(self) -> str:
        """What may be said, for a sentence: ``low, medium, high`` or ``1–10``."""
        if self.kind is Kind.INTEGER:
            return f"{self.least}–{self.most}"
        return ", ".join(self.choices or self.suggestions)


Handler = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command and how it is offered.

    ``hidden``: reached by buttons and links only, in no menu. ``asks``: may answer with a form,
    so an adapter whose forms must be the first answer does not acknowledge before. ``menu``: also
    offered on a message that shows pictures. ``private``: answered for the asker's eyes alone.
    ``quiet``: its effect is seen in messages that exist; something new is only said when it fails.
    """

    name: str
    handler: Handler = field(repr=False)
    options: tuple[Option, ...]
    hidden: bool = False
    asks: bool = False
    menu: bool = False
    private: bool = False
    quiet: bool = False

    @property
    def rest(self) -> Option | None:
        """The option that takes the free text."""
        return next((option for option in self.options if option.rest), None)

    @property
    def pictures(self) -> Option | None:
        return next((option for option in self.options if option.kind is Kind.PICTURES), None)

    def option(self, name: str) -> Option | None:
        wanted = name.replace("-", "_").lower()
        return next((option for option in self.options if option.name == wanted), None)


def command(
    handler: Handler,
    *,
    hidden: bool = False,
    asks: bool = False,
    menu: bool = False,
    private: bool = False,
    quiet: bool = False,
) -> Command:
    """Read a handler's signature. The first parameter is the `Context`; the rest are options."""
    hints = get_type_hints(handler, include_extras=True)
    parameters = list(inspect.signature(handler).parameters.values())[1:]
    options = tuple(_option(p, hints[p.name]) for p in parameters)
    return Command(
        name=handler.__name__.rstrip("_"),
        handler=handler,
        options=options,
        hidden=hidden,
        asks=asks,
        menu=menu,
        private=private,
        quiet=quiet,
    )


def _option(parameter: inspect.Parameter, hint: Any) -> Option:
    base, marks = _peel(hint)
    required = parameter.default is inspect.Parameter.empty
    facts = _facts(base, marks)
    usual = marks[Usual].value if Usual in marks else None
    return Option(name=parameter.name, required=required, usual=usual, **facts)


def _peel(hint: Any) -> tuple[Any, Mapping[type, Any]]:
    """``Annotated[T | None, mark]`` → ``T`` and its marks by type."""
    marks: dict[type, Any] = {}
    if get_origin(hint) is Annotated:
        hint, *extra = get_args(hint)
        marks = {type(mark): mark for mark in extra}
    arms = [arm for arm in get_args(hint) if arm is not type(None)]
    if get_origin(hint) in (typing.Union, types.UnionType):
        inner, more = _peel(arms[0])
        return inner, {**marks, **more}
    return hint, marks


def _facts(base: Any, marks: Mapping[type, Any]) -> dict[str, Any]:
    if Pictures in marks or base == tuple[Attachment, ...]:
        return {"kind": Kind.PICTURES, "most": marks.get(Pictures, Pictures()).most}
    if isinstance(base, type) and issubclass(base, Enum):
        return {"kind": Kind.CHOICE, "choices": tuple(str(m.value) for m in base), "read": base}
    if Range in marks:
        return {"kind": Kind.INTEGER, "least": marks[Range].least, "most": marks[Range].most, "read": int}
    if Parsed in marks:
        mark = marks[Parsed]
        return {"kind": Kind.TEXT, "read": mark.read, "suggestions": mark.suggestions}
    if Rest in marks:
        mark = marks[Rest]
        return {"kind": Kind.TEXT, "rest": True, "flagged": mark.flags, "max_length": mark.max_length}
    return {"kind": Kind.PERSON if Person in marks else Kind.ROLE if Role in marks else Kind.TEXT}
