"""Money as it is shown and shared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.credits import OPERATOR, Quotas, limits, money, share, split
from bot.model import ChatId, UserId


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
    home, ann = ChatId("telegram:-1"), UserId("telegram:2")
    kinds = [limit.kind for limit in limits(Quotas(1, 2, 3, 4, 5, 6), OPERATOR, home, ann)]
    assert kinds == ["operator", "chat", "member"]
    own = limits(Quotas(1, 2, 3, 4, 5, 6), str(home), home, ann)
    assert [(limit.daily, limit.monthly) for limit in own] == [(None, None)] * 2
