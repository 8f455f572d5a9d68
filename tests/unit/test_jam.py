"""A jam's rules, without anything around them; then hundreds of presses in any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import jam as rules
from bot.credits import split
from bot.errors import BadInput, EaselError, NotAllowed
from bot.folding import one_line
from bot.i18n import words
from bot.jam import Cost, Jam, Rule, Stage
from bot.jam_view import album, bill, canvas, fitted, record
from bot.model import ChatId, Fault, JobId, PictureId, User, UserId
from bot.ports import Limits

AT = datetime(2026, 11, 21, 20, tzinfo=UTC)
ANN, BEN, CY = (
    User(UserId(f"telegram:{at}"), name, handle=name.lower()) for at, name in enumerate(("Ann", "Ben", "Cy"))
)


def a_jam(**more: object) -> Jam:
    given = {"brief": "a city", "language": "en", "names": {ANN.id: "Ann"}, "due": AT + rules.IDLE}
    return Jam("k3v9abcdef", ChatId("telegram:-1"), ANN, **{**given, **more})  # type: ignore[arg-type]


def later(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def went(jam: Jam, user: User | None = ANN, price: int = 0, n: int = 1) -> Jam:
    return rules.go(jam, user, jam.round, AT, price=price, ask_above=1_000, n=n)


def painted(jam: Jam, pictures: int = 1, cost: int = 100) -> Jam:
    """Its order was painted."""
    assert jam.order
    number = jam.order.number
    jam = rules.submitted(jam, number, JobId(f"job{number}"), AT)
    names = tuple(PictureId(f"p{number}-{at}") for at in range(1, pictures + 1))
    return rules.painted(jam, number, JobId(f"job{number}"), names, cost, AT)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("host", Rule()),
        ("Anyone", Rule(host=False, quorum=1)),
        ("quorum:3", Rule(host=False, quorum=3)),
        ("@Ben, @cy", Rule(names=("ben", "cy"))),
        ("<@42>", Rule(names=("<@42>",))),
    ],
)
def test_who_says_go_is_read(text: str, rule: Rule) -> None:
    assert Rule.read(text) == rule


@pytest.mark.parametrize(
    "text",
    [
        "",
        "me",
        "quorum:0",
        "quorum:99",
        "quorum",
        "@",
        "ben",
        "@ben cy",
        "@" + "n" * 41,
        " ".join(["@n"] * 11),
    ],
)
def test_what_names_nobody_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        Rule.read(text)


def test_names_are_those_that_nobody_else_can_take() -> None:
    rule = Rule.read("@ben <@2>")
    impostor = User(UserId("telegram:9"), "ben")
    assert [rule.lets(user, ANN.id) for user in (ANN, BEN, CY, impostor)] == [True, True, True, False]


def test_phrases_are_one_line_of_what_is_seen() -> None:
    said = "\u202eneon\r\n\n rain\u200b --size\t4k \u2066@ben\u2069 🌧\ufe0f"
    assert one_line(said) == "neon rain --size 4k @ben 🌧\ufe0f"
    with pytest.raises(BadInput, match="no-words"):
        rules.add(a_jam(), BEN, "\u200b \n", AT)
    with pytest.raises(BadInput, match="too-long"):
        rules.add(a_jam(), BEN, "x" * 121, AT)


def test_a_phrase_said_twice_is_one_phrase_with_two_votes() -> None:
    jam = rules.add(rules.add(a_jam(), BEN, "Neon rain", AT), CY, "neon  RAIN", AT)
    assert [(one.text, set(one.votes)) for one in jam.phrases] == [("Neon rain", {BEN.id, CY.id})]
    assert rules.add(jam, CY, "neon rain", AT) is jam


def test_nobody_fills_the_canvas_alone() -> None:
    jam = a_jam()
    for at in range(rules.EACH):
        jam = rules.add(jam, BEN, f"rain {at}", AT)
    with pytest.raises(NotAllowed, match="enough"):
        rules.add(jam, BEN, "more rain", AT)
    for at in range(rules.MOST_PHRASES - rules.EACH):
        jam = rules.add(jam, User(UserId(f"telegram:{10 + at}"), "Dee"), f"snow {at}", AT)
    with pytest.raises(NotAllowed, match="full"):
        rules.add(jam, CY, "hail", AT)
    assert len(jam.best) == rules.USED


def test_a_vote_is_taken_back_by_a_second_press_but_not_by_a_slip() -> None:
    jam = rules.add(a_jam(), BEN, "rain", AT)
    voted = rules.vote(jam, CY, 1, AT)
    assert rules.vote(voted, CY, 1, later(0.4)) is voted
    assert set(rules.vote(voted, CY, 1, later(5)).phrases[0].votes) == {BEN.id}
    alone = rules.vote(jam, BEN, 1, later(5))
    assert alone.prompt == "a city"


def test_an_event_that_comes_again_changes_nothing() -> None:
    vote = lambda jam: rules.vote(jam, CY, 1, later(60))  # noqa: E731
    once = rules.heard(rules.add(a_jam(), BEN, "rain", AT), "update 7", vote)
    assert rules.heard(once, "update 7", vote) == once
    assert CY.id in once.phrases[0].votes


def test_only_the_author_and_the_host_take_a_phrase_away() -> None:
    jam = rules.add(a_jam(), BEN, "rain", AT)
    with pytest.raises(NotAllowed):
        rules.remove(jam, CY, 1, AT, boss=False)
    assert rules.remove(jam, BEN, 1, AT, boss=False).phrases == ()
    assert rules.remove(jam, ANN, 1, AT, boss=True).phrases == ()


def test_a_quorum_counts_people_not_presses() -> None:
    jam = a_jam(rule=Rule.read("quorum:2"))
    jam = went(went(jam, BEN), BEN)
    assert (jam.stage, jam.goes) == (Stage.OPEN, (BEN.id,))
    assert went(jam, CY).stage is Stage.PAINTING


def test_whoever_presses_late_is_told_so() -> None:
    jam = went(a_jam())
    with pytest.raises(NotAllowed, match="painting"):
        went(jam)
    jam = painted(jam)
    with pytest.raises(NotAllowed, match="late"):
        rules.go(jam, ANN, 1, AT, price=0, ask_above=-1)
    with pytest.raises(NotAllowed, match="late"):
        rules.pick(jam, ANN, 2, 1, AT)
    over = rules.end(jam, AT)
    assert rules.end(over, AT) is over
    for late in (
        lambda: rules.add(over, BEN, "rain", AT),
        lambda: rules.vote(over, BEN, 1, AT),
        lambda: rules.pick(over, BEN, 1, 1, AT),
        lambda: went(over),
    ):
        with pytest.raises(NotAllowed, match="over"):
            late()


def test_above_the_limit_somebody_who_pays_agrees_first() -> None:
    jam = went(a_jam(rule=Rule.read("anyone")), BEN, price=2_000)
    assert (jam.stage, jam.asking) == (Stage.OPEN, 2_000)
    with pytest.raises(NotAllowed):
        rules.spend(jam, BEN, AT)
    assert rules.forgo(jam, ANN, AT).asking is None
    assert rules.spend(jam, ANN, AT).stage is Stage.PAINTING
    shared = went(a_jam(rule=Rule.read("anyone"), cost=Cost.SHARED), BEN, price=2_000)
    assert rules.spend(shared, CY, AT).stage is Stage.PAINTING


def test_what_was_not_used_makes_room_and_what_came_late_stays() -> None:
    jam = a_jam()
    for at in range(10):
        jam = rules.add(jam, User(UserId(f"telegram:{10 + at}"), "Dee"), f"snow {at}", AT)
    jam = rules.add(went(jam), BEN, "rain", AT)
    jam = painted(jam)
    assert [one.number for one in jam.phrases] == [*range(1, 9), 11]
    assert jam.phrases[-1].round == 2


def test_the_winner_is_the_base_of_the_next_round_and_of_equals_the_first() -> None:
    jam = painted(went(a_jam()))
    jam = painted(went(jam, n=4), pictures=4)
    for user, number in ((ANN, 4), (BEN, 2), (CY, 4), (BEN, 3), (CY, 3)):
        jam = rules.pick(jam, user, 2, number, AT)
    assert (jam.tally, jam.winner) == ((0, 0, 2, 1), 3)
    assert rules.pick(jam, CY, 2, 3, later(0.4)) is jam
    jam = rules.pick(jam, CY, 2, 3, later(9))
    assert (jam.tally, jam.winner) == ((0, 0, 1, 1), 3)
    jam = rules.pick(jam, CY, 2, 2, later(9))
    assert (jam.tally, jam.winner) == ((0, 1, 1, 1), 2)
    order = went(jam, n=4).order
    assert order
    assert order.base == PictureId("p2-2")
    assert went(jam).rounds[-1].winner == 2


def test_a_failed_order_leaves_everything_as_it_was() -> None:
    jam = rules.add(a_jam(), BEN, "rain", AT)
    gone = went(jam)
    assert rules.failed(gone, 7, Fault("error-down"), AT) is gone
    failed = rules.failed(gone, 1, Fault("error-down"), AT)
    assert (failed.stage, failed.phrases, failed.trouble) == (Stage.OPEN, jam.phrases, Fault("error-down"))
    again = went(failed)
    assert again.order
    assert again.order.number == 2
    assert painted(again).trouble is None


# --- what is seen ---------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.parametrize("most", [1024, 2000, 4096])
def test_the_fullest_canvas_fits_and_shows_every_phrase(language: str, most: int) -> None:
    jam = a_jam(brief="b" * rules.BRIEF, language=language, names={ANN.id: "A" * 200}, cost=Cost.SHARED)
    for at in range(rules.MOST_PHRASES):
        user = User(UserId(f"telegram:{10 + at}"), "N" * 100)
        jam = rules.add(jam, user, f"{at} " + "w" * 100, AT)
    for round_ in range(12):
        jam = painted(went(jam, n=4), pictures=4)
        for shown in (canvas(words(), jam, most, 170_000), record(words(), jam, round_ + 1, most)):
            assert len(shown.text) <= most
    shown = canvas(words(), jam, most, 170_000)
    assert all(f"\n{one.number}. " in shown.text for one in jam.phrases)
    assert len(shown.buttons) <= 5
    assert all(len(row) <= 5 and all(len(b.data.encode()) <= 60 for b in row) for row in shown.buttons)
    assert len(canvas(words(), went(jam), most).text) <= most
    over = album(words(), rules.end(jam, AT), most)
    assert len(over.text) <= most
    assert "12. " in over.text


def test_nobody_is_pinged_and_right_to_left_stays_with_itself() -> None:
    jam = rules.add(rules.add(a_jam(), BEN, "@everyone look", AT), CY, "مدينة في الليل", AT)
    text = canvas(words(), jam, 4096).text
    assert "@everyone" not in text
    assert "\u2068مدينة في الليل\u2069 — Cy" in text


# --- any order ------------------------------------------------------------------------------

steps = st.tuples(
    st.sampled_from(
        ("add", "add", "vote", "pick", "go", "go", "spend", "forgo", "fail", "paint", "end", "drop")
    ),
    st.integers(0, 5),
    st.integers(0, 9),
)
PEOPLE = [User(UserId(f"telegram:{at}"), f"P{at}", handle=f"p{at}") for at in range(6)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(steps, max_size=120),
    st.sampled_from(("host", "anyone", "quorum:3", "@p1,@p2")),
    st.sampled_from(Cost),
)
def test_whatever_is_pressed_orders_come_one_by_one_and_the_bill_adds_up(  # noqa: C901, PLR0912
    script: list[tuple[str, int, int]], rule: str, cost: Cost
) -> None:
    jam = Jam("k3v9abcdef", ChatId("telegram:-1"), PEOPLE[0], "a city", "en", rule=Rule.read(rule), cost=cost)
    orders, spent = [], 0
    for second, (what, who, number) in enumerate(script):
        user, at, before = PEOPLE[who], later(second), jam
        try:
            match what:
                case "add":
                    jam = rules.add(jam, user, f"word {number}", at)
                case "vote":
                    jam = rules.vote(jam, user, number, at)
                case "pick":
                    jam = rules.pick(jam, user, jam.round - 1, number, at)
                case "go":
                    jam = rules.go(jam, user, jam.round, at, price=number * 300, ask_above=1_500, n=4)
                case "spend":
                    jam = rules.spend(jam, user, at, n=4)
                case "forgo":
                    jam = rules.forgo(jam, user, at)
                case "drop":
                    jam = rules.remove(jam, user, number, at, boss=who == 0)
                case "fail" if jam.order:
                    jam = rules.failed(jam, jam.order.number, Fault("error-down"), at)
                case "paint" if jam.order:
                    spent += 101 + number
                    jam = painted(jam, pictures=1 + number % 4, cost=101 + number)
                case "end" if number == 0:
                    jam = rules.end(jam, at)
        except EaselError:
            assert jam is before
        if jam.order and jam.order.number not in orders:
            orders.append(jam.order.number)
        assert (jam.stage is Stage.PAINTING) == (jam.order is not None)
        assert orders == list(range(1, jam.orders + 1))
        assert len({one.number for one in jam.phrases}) == len(jam.phrases) <= rules.MOST_PHRASES
        assert len(jam.rounds) == jam.round - 1
        assert jam.spent == spent == sum(bill(jam).values())
        assert before.live or jam is before
    for one in jam.rounds:
        assert sum(split(one.cost, dict.fromkeys(one.authors, 1)).values()) in (one.cost, 0)
    assert len(canvas(words(), jam, 2000).text) <= 2000


def test_what_a_platform_escapes_costs_no_line_of_the_canvas() -> None:
    jam = a_jam(brief="b_" * 90)
    for at in range(rules.MOST_PHRASES):
        jam = rules.add(jam, User(UserId(f"telegram:{10 + at}"), "N*" * 9), f"{at} " + "w_" * 50, AT)
    limits = Limits(2000, 2000, 10, 1, 60, length=lambda text: len(text) + text.count("_") + text.count("*"))
    reply = fitted(limits, limits.text, lambda most: canvas(words(), jam, most, 170_000))
    assert 1500 < limits.length(reply.text) <= 2000
    assert all(f"\n{one.number}. " in reply.text for one in jam.phrases)
    assert reply.text.endswith("About $0.17.")
