"""Whatever people send and relays answer: one sentence each, nothing lost, and the next one is served.

Every case is played twice, by somebody who reads English and somebody who reads Chinese.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest
import pytest_asyncio

from bot.i18n import words
from tests.contract.pictures import png
from tests.fakes.relay import Relay
from tests.fakes.telegram import FakeTelegram, Message, Person, Place
from tests.whole.towns import TelegramTown, telegram_town

pytestmark = [pytest.mark.whole, pytest.mark.asyncio(loop_scope="module")]

ANY, NOTHING = "\ufffc", "$0.00"
PDF = ("letter.pdf", b"%PDF-1.7\n" + bytes(2000), "application/pdf")
Say = Callable[[FakeTelegram, Place, Person], Message]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TelegramTown]:
    home = tmp_path_factory.mktemp("bad")
    async with telegram_town(home, UPSTREAM_PATIENCE="3", MAX_WAITING_MEMBER="2") as town:
        yield town


@pytest_asyncio.fixture(loop_scope="module")
async def town(opened: TelegramTown) -> AsyncIterator[TelegramTown]:
    """One process for all tests: it must survive every one."""
    yield opened
    opened.house.in_order()


@dataclass(frozen=True)
class Case:
    """``sentence`` with any words for ``params``, or those that stand there.

    ``held`` is what stays held: it may have been charged.
    ``choices`` are the buttons with which the person then decides.
    """

    name: str
    sentence: str
    say: Say
    params: tuple[str, ...] = ()
    relay: Callable[[Relay], None] = lambda relay: None
    orders: int = 0
    held: str = NOTHING
    choices: int = 2


def saying(text: str) -> Say:
    return lambda fake, place, person: fake.say(place, person, text)


def sending(content: bytes, name: str = "corgi.png", mime: str = "image/png") -> Say:
    file = (name, content, mime)
    return lambda fake, place, person: fake.say(place, person, "/edit make it night", document=file)


def replying(fake: FakeTelegram, place: Place, person: Person) -> Message:
    return fake.say(place, person, "/edit make it night", reply_to=fake.say(place, person, "/nonsense"))


def refusing(
    what: int | str, route: str = "submit", times: int = 2, **how: object
) -> Callable[[Relay], None]:
    return lambda relay: relay.fail(route, what, times=times, **how)


def ending(outcome: str, message: str | None = None) -> Callable[[Relay], None]:
    return lambda relay: [relay.next_job(outcome, message) for _ in range(2)] and None


def relayed(name: str, sentence: str, relay: Callable[[Relay], None], *params: str, **facts: object) -> Case:
    return Case(name, sentence, saying("/imagine a fox"), params, relay, **facts)  # type: ignore[arg-type]


PIXELS = ("megapixels", "most")
OPTION = ("option", "value", "allowed")
OVERTIME = refusing(524, accepted=True, form="html", edge=True)
ANSWERED = ("what=status", "detail")
UNKNOWN = {"orders": 2, "held": "$0.17"}
LOOKING = {**UNKNOWN, "choices": 3}
CASES = [
    Case("a reply to words", "error-edit-without-picture", replying),
    Case("nothing to edit", "error-edit-without-picture", saying("/edit make it night")),
    Case("no words", "error-prompt-empty", saying("/imagine"), ("command",)),
    Case("only flags", "error-prompt-empty", saying("/imagine --size 16:9"), ("command",)),
    Case(
        "no words for a picture",
        "error-prompt-empty",
        lambda f, p, who: f.say(p, who, "/edit", photo=png()),
        ("command",),
    ),
    Case("a PDF", "error-picture-not", sending(*PDF[1::-1], PDF[2])),
    Case("a PDF in disguise", "error-picture-not", sending(PDF[1])),
    Case("a broken PNG", "error-picture-broken", sending(png(300, 300, noise=True)[:5000])),
    Case("a file of one byte", "error-picture-not", sending(b"\0")),
    Case("60 megapixels", "error-picture-too-many-pixels", sending(png(10_000, 6_000)), PIXELS),
    Case("21 MB", "error-picture-too-big", sending(png(2650, 2650, noise=True)), ("most",)),
    Case(
        "an unknown flag", "error-option-unknown", saying("/imagine a fox --sise 1:1"), ("option", "allowed")
    ),
    Case("a bad size", "error-option-value", saying("/imagine a fox --size 17:3"), OPTION),
    Case("a huge size", "error-option-value", saying("/imagine a fox --size 9000x9000"), OPTION),
    Case("too many", "error-option-value", saying("/imagine a fox --n 11"), OPTION),
    Case("none", "error-option-value", saying("/imagine a fox --n 0"), OPTION),
    Case("a bad quality", "error-option-value", saying("/imagine a fox --quality best"), OPTION),
    Case("a flag without value", "error-option-missing", saying("/imagine a fox --n"), OPTION),
    Case(
        "a format there is not",
        "error-unsupported-format",
        saying("/imagine a fox --format webp"),
        ("value", "allowed", "model"),
    ),
    Case("no such job", "error-no-such-job", saying("/edit in snow --of aaaaaaaaaa")),
    Case("nothing to show", "error-no-such-job", saying("/show")),
    Case("nothing to cancel", "error-nothing-waits", saying("/cancel")),
    Case("no such command", "hint-unknown-command", saying("/doodle a fox")),
    Case("help for nothing", "error-no-such-command", saying("/help paint"), ("name",)),
    Case("just words", "hint-words", saying("a fox in the snow")),
    Case("just a picture", "hint-picture", lambda fake, place, who: fake.say(place, who, photo=png())),
    Case("a closed claim", "error-claim-wrong", saying("/claim AAAAAAAAAA")),
    relayed("HTML", "error-bad-answer", refusing("html"), orders=2),
    relayed("truncated JSON", "error-unknown-outcome", refusing("truncated"), "what=unreadable", **UNKNOWN),
    relayed("an empty answer", "error-unknown-outcome", refusing("empty"), "what=unreadable", **UNKNOWN),
    relayed("a line that breaks", "error-unknown-outcome", refusing("reset"), "what=broke", **UNKNOWN),
    relayed(
        "an error under 200", "error-failed-there", refusing("error200", text="broken"), "detail", orders=2
    ),
    relayed("400", "error-bad-request", refusing(400), "detail"),
    relayed("401", "error-bad-key", refusing(401), "payer=operator"),
    relayed("402", "error-out-of-credit", refusing(402), "payer=operator"),
    relayed("403", "error-forbidden", refusing(403), "detail", "payer=operator"),
    relayed("404", "error-not-found", refusing(404), "detail"),
    relayed("429", "error-busy", refusing(429, headers={"Retry-After": "600"})),
    relayed("500", "error-unknown-outcome", refusing(500, accepted=True), *ANSWERED, "status=500", **UNKNOWN),
    relayed("503", "error-unknown-outcome", refusing(503), *ANSWERED, "status=503", held="$0.17"),
    relayed("524", "error-unknown-outcome", OVERTIME, *ANSWERED, "status=524", "request_id", **UNKNOWN),
    relayed(
        "moderation at once", "error-moderated", refusing(400, text="content policy violation", form="openai")
    ),
    relayed("moderation later", "error-moderated", ending("failed", "content_policy_violation"), orders=2),
    relayed("a failure later", "error-failed-there", ending("failed", "no luck"), "detail", orders=2),
    relayed("no picture", "error-bad-answer", ending("empty"), orders=2),
    relayed("a job that never ends", "error-never-ends", ending("never"), "request_id", **LOOKING),
]


def pattern(language: str, case: Case) -> re.Pattern[str]:
    given = ((name, value or ANY) for name, _, value in (each.partition("=") for each in case.params))
    facts = {"detail": "none", "request_id": "none", **dict(given)}
    said = words().say(language, case.sentence, **facts).strip()
    return re.compile(re.escape(said).replace(ANY, ".+") + r"(\n.*)?", re.DOTALL)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_it_is_one_sentence_and_nothing_is_lost(town: TelegramTown, case: Case) -> None:
    spent = town.spent
    case.relay(town.relay)
    people = {tag: town.somebody("Ada", tag) for tag in ("en", "zh-Hans")}
    asked = {tag: case.say(town.fake, home, person) for tag, (person, home) in people.items()}
    answers = {tag: await town.answer(each, like=pattern(tag, case)) for tag, each in asked.items()}
    assert spent.now[0] == case.orders
    assert len(answers["en"].buttons) == case.choices or case.held == NOTHING
    ada, home = people["en"]
    balance = town.fake.say(home, ada, "/balance")
    await town.answer(balance, f"under way: {case.held}", f"You: today {case.held} spent")
    await town.painted(town.fake.say(home, ada, "/imagine a fox"))
    assert spent.now[0] == case.orders + 1


async def test_more_than_may_wait_is_refused(town: TelegramTown) -> None:
    ada, home = town.somebody()
    spent = town.spent
    asked = [town.fake.say(home, ada, f"/imagine {n} foxes") for n in range(5)]
    answers = [await town.answer(each) for each in asked]
    refused = [said for said in answers if "You have 2 jobs waiting already" in said.text]
    assert len(refused) == 1
    for each, answer in zip(asked, answers, strict=True):
        if answer not in refused:
            await town.painted(each)
    assert spent.now == (4, 4)


async def test_a_busy_relay_is_asked_again_when_it_says_so(town: TelegramTown) -> None:
    ada, home = town.somebody()
    spent, tried = town.spent, town.relay.calls["submit"]
    town.relay.fail("submit", 429, headers={"Retry-After": "1"})
    await town.painted(town.fake.say(home, ada, "/imagine a fox"))
    assert town.relay.calls["submit"] == tried + 2
    assert spent.now == (1, 1)


@pytest.mark.parametrize("fault", ["html", "truncated", "cut", "reset", 500, 503, 524])
async def test_a_poll_that_fails_is_just_made_again(town: TelegramTown, fault: int | str) -> None:
    ada, home = town.somebody()
    spent = town.spent
    town.relay.fail("poll", fault)
    await town.painted(town.fake.say(home, ada, "/imagine a fox"))
    assert spent.now == (1, 1)
