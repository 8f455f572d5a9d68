"""What a card says of a job that ended without a picture, in every language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import (
    BadKey,
    EaselError,
    Forbidden,
    NeverEnds,
    OutOfCredit,
    ResultLost,
    UnknownOutcome,
    UpstreamFailed,
)
from bot.i18n import words
from bot.model import Fault, State
from bot.views import job_card
from tests.contract.store_kit import a_job

AFTER_THE_ORDER = ("broke", "late", "status", "unreadable", "interrupted")
OF_A_JOB = ("key", "gone", "trouble")
LOST = ResultLost(host="cdn.example", status="403", job="there-1")
DECIDED = {"en": "nothing is held for it here any more", "zh-Hans": "不再为它预留额度"}
UNDECIDED = {"en": "you decide", "zh-Hans": "由你决定"}
CHARGED = {"en": "charged", "zh-Hans": "扣费"}


@pytest.fixture(params=words().languages)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def said(error: EaselError, language: str, state: State = State.UNKNOWN, endpoint: str = "operator") -> str:
    job = replace(a_job(), state=state, fault=error.fault, language=language, endpoint=endpoint)
    return job_card(words(), job).text.splitlines()[0]


def test_what_happened_is_said_and_the_rest_stays(language: str) -> None:
    heard = {
        what: said(UnknownOutcome(what=what, status=502), language) for what in AFTER_THE_ORDER + OF_A_JOB
    }
    assert len(set(heard.values())) == len(heard)
    for what, sentence in heard.items():
        assert sentence.endswith((UNDECIDED[language] + ".", UNDECIDED[language] + "。")), what
        assert CHARGED[language] in sentence
        assert ("connection broke" in sentence or "连接中断" in sentence) == (what == "broke")
        assert ("HTTP 502" in sentence) == (what in ("status", "trouble"))


def test_the_relays_own_words_are_quoted_where_it_gave_some(language: str) -> None:
    answered = UnknownOutcome(what="status", status=524, detail="A timeout occurred", request_id="req-7")
    assert "A timeout occurred" in said(answered, language)
    assert "req-7" in said(answered, language)
    ended = said(UpstreamFailed(detail="No luck."), language, State.FAILED)
    assert "No luck;" in ended or "No luck；" in ended
    unread = UnknownOutcome(what="trouble", status="none", detail='{"sta')
    assert "sta" not in said(unread, language)
    assert "HTTP" not in said(unread, language)


def test_a_row_of_an_older_version_can_still_be_read(language: str) -> None:
    older = replace(
        a_job(),
        state=State.UNKNOWN,
        language=language,
        fault=Fault("error-unknown-outcome", {"detail": "none", "request_id": "none"}),
    )
    sentence = job_card(words(), older).text.splitlines()[0]
    assert UNDECIDED[language] in sentence
    assert "$" not in sentence


@pytest.mark.parametrize("error", [UnknownOutcome(what="broke"), NeverEnds(), LOST], ids=lambda e: e.sentence)
def test_what_was_decided_holds_nothing_and_asks_nothing(error: EaselError, language: str) -> None:
    before, after = said(error, language), said(error, language, State.FAILED)
    happened = before[:20]
    assert DECIDED[language] not in before
    assert after.startswith(happened)
    assert DECIDED[language] in after
    assert UNDECIDED[language] not in after
    assert "Look again" not in after
    assert "再查一次" not in after


@pytest.mark.parametrize("error", [BadKey(), OutOfCredit(), Forbidden()], ids=lambda e: e.sentence)
def test_who_has_to_see_to_a_key_depends_on_whose_it_is(error: EaselError, language: str) -> None:
    whose = ("operator", "operator:fast", "pool/stage:g/stage:7", "stage:g")
    operators, offered, lent, chats = (said(error, language, State.FAILED, name) for name in whose)
    assert operators == offered
    assert len({operators, lent, chats}) == 3
    assert "operator" in operators or "运营者" in operators
    assert "/key" not in operators
    assert ("/key" in chats) == ("UPSTREAM_KEY" in operators) == isinstance(error, BadKey)
