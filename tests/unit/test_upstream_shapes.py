"""Answers whose shape is not documented, in every shape that they may have: UPSTREAMS, section 5."""

from __future__ import annotations

from typing import Any

import pytest

from bot.model import Balance
from bot.sizes import parse
from upstream.shapes import balance, job_id, nearest_classic, records, status


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"id": "job_1", "request_id": "r"}, "job_1"),
        ({"job_id": "job_1"}, "job_1"),
        ({"task_id": 17}, "17"),
        ({"data": {"id": "job_1"}}, "job_1"),
        ({"data": "job_1", "code": 0}, "job_1"),
        ({"request_id": "r"}, "r"),
        ({"id": None, "data": None}, ""),
        ({"data": []}, ""),
        ({"id": True}, ""),
        (None, ""),
    ],
)
def test_the_id_of_a_job(document: Any, found: str) -> None:
    assert job_id(document) == found


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"status": "SUCCEEDED"}, "succeeded"),
        ({"data": {"status": "running"}}, "running"),
        ({"job": {"status": "queued"}}, "queued"),
        ({"status": None}, ""),
        ({}, ""),
        ([], ""),
    ],
)
def test_the_status_of_a_job(document: Any, found: str) -> None:
    assert status(document) == found


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"balance": 12.5}, Balance(12.5)),
        ({"wallet_balance": "3.10", "currency": "usd"}, Balance(3.1, "USD")),
        ({"data": {"balance": 7}, "currency": "CNY"}, Balance(7, "CNY")),
        ({"wallet": {"balance": "1,234.50", "unit": "credits"}}, Balance(1234.5, "credits")),
        ({"balance": {"amount": 5, "currency": "USD"}}, Balance(5, "USD")),
        ({"total_available": 0}, Balance(0)),
        ({"credits": "$4"}, Balance(4)),
        ({"balance": None}, None),
        ({"balance": True}, None),
        ({"balance": "unlimited"}, None),
        ({"balance": "NaN"}, None),
        ({"usage": {"total_tokens": 4}}, None),
        ([], None),
        ("3", None),
    ],
)
def test_the_balance(document: Any, found: Balance | None) -> None:
    assert balance(document) == found


@pytest.mark.parametrize(
    "document",
    [
        [{"id": 1}],
        {"items": [{"id": 1}]},
        {"data": [{"id": 1}, "rubbish"]},
        {"data": {"records": [{"id": 1}]}},
        {"items": [], "list": [{"id": 1}]},
    ],
)
def test_the_records_of_a_history(document: Any) -> None:
    assert records(document) == [{"id": 1}]


def test_no_records() -> None:
    assert records({"items": None}) == records("x") == records({}) == []


@pytest.mark.parametrize(
    ("size", "classic"),
    [
        ("1:1@4k", "1024x1024"),
        ("5:4", "1536x1024"),
        ("4:3", "1536x1024"),
        ("16:9 4k", "1536x1024"),
        ("9:16", "1024x1536"),
        ("21:9", "1536x1024"),
    ],
)
def test_the_nearest_classic_size(size: str, classic: str) -> None:
    assert nearest_classic(parse(size.replace("@", " "))) == classic
