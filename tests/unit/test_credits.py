"""Money as it is shown and shared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.credits import OPERATOR, Quotas, limits, member_cap, money, share, split
from bot.model import Allowance, Chat, ChatId, Limit, User, UserId

HOME, ANN, BEN = ChatId("telegram:-1"), User(UserId("telegram:2"), "Ann"), User(UserId("telegram:3"), "Ben")


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0, "$0.00"),
        (6_000, "$0.006"),
        (170_000, "$0.17"),
        (200_000, "$0.20"),
        (433_000, "$0.433"),
        (12_345_678, "$12.35"),
    ],
)
def test_money(amount: int, shown: str) -> None:
    assert money(amount) == shown


@given(st.integers(0, 10**9), st.integers(1, 10), st.data())
def test_the_shares_of_a_hold_never_exceed_it_and_cover_it(
    hold: int, asked: int, data: st.DataObject
) -> None:
    got = data.draw(st.integers(0, asked))
    assert 0 <= share(hold, got, asked) <= hold
    assert share(hold, got, asked) + share(hold, asked - got, asked) >= hold
    assert share(hold, asked, asked) == hold


@given(st.integers(0, 10**12), st.dictionaries(st.text(max_size=3), st.integers(1, 9), max_size=9))
def test_an_amount_that_is_split_is_the_sum_of_its_parts(amount: int, weights: dict[str, int]) -> None:
    parts, whole = split(amount, weights), sum(weights.values())
    assert sum(parts.values()) == (amount if weights else 0)
    assert all(abs(parts[name] * whole - amount * weights[name]) < whole for name in weights)


def test_who_pays_is_capped() -> None:
    chat, quotas = Chat(HOME, chat_cap=Allowance(7, 8), member_cap=Allowance(9)), Quotas(1, 2, 3, 4, 5, 6)
    mine = [Limit(HOME, 7, 8, "chat"), Limit(f"{HOME}/{ANN.id}", 9, None, "member")]
    assert list(limits(quotas, chat, str(HOME), ANN)) == mine
    theirs = [
        Limit("operator", 1, 2, "operator"),
        Limit(f"operator/{HOME}", 3, 4, "chat"),
        Limit(f"operator/{ANN.id}", 5, 6, "member"),
    ]
    assert list(limits(quotas, chat, OPERATOR, ANN)) == [*theirs, *mine]


def test_the_most_generous_role_counts() -> None:
    roles = {"1": Allowance(5, 50), "2": Allowance(3, None), "3": Allowance()}
    chat = Chat(HOME, member_cap=Allowance(1, 10), role_caps=roles)
    assert member_cap(chat, ["9"]) == Allowance(1, 10)
    assert member_cap(chat, ["1", "9"]) == Allowance(5, 50)
    assert member_cap(chat, ["1", "2"]) == Allowance(5, None)
    assert member_cap(chat, ["1", "3"]) == Allowance()


def test_a_cost_that_is_shared_is_borne_by_weight() -> None:
    chat = Chat(HOME, member_cap=Allowance(day=9), role_caps={"1": Allowance(day=90)})
    shared = limits(Quotas(), chat, str(HOME), ANN, roles=["1"], sharing={BEN: 1, ANN: 2})
    assert shared == (
        Limit(HOME),
        Limit(f"{HOME}/{BEN.id}", 9, None, "member", 1, "Ben"),
        Limit(f"{HOME}/{ANN.id}", 90, None, "member", 2),
    )
