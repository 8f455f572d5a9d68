"""What refusals mean, whatever they are written in, and what of them people may read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.errors import (
    BadKey,
    BadRequest,
    Forbidden,
    Moderated,
    NotFound,
    OutOfCredit,
    UpstreamBusy,
    UpstreamDown,
    UpstreamError,
    UpstreamFailed,
)
from tests.fakes.relay.faults import in_seconds
from upstream.http.meaning import LONGEST, complaint, explain, failed, refused, request_id, seconds, shown

MODERATED = {
    "error": {
        "message": "Your request was rejected by the safety system. safety_violations=[violence].",
        "type": "image_generation_user_error",
        "code": "moderation_blocked",
    }
}
NEW_API = {
    "error": {
        "message": "No available channel for model gpt-image-2 (request id: 20261120093012345678)",
        "type": "new_api_error",
        "code": "model_not_found",
    }
}


def body(said: Any) -> bytes:
    return said.encode() if isinstance(said, str) else json.dumps(said, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("status", "said", "error"),
    [
        # the documented texts of relay 000, in every form and under any status
        (400, {"error": "invalid api key"}, BadKey),
        (500, {"detail": "invalid api key"}, BadKey),
        (400, {"error": {"message": "Insufficient Credits"}}, OutOfCredit),
        (503, "rate limit", UpstreamBusy),
        (400, {"error_message": "upstream error"}, UpstreamDown),
        (401, {}, BadKey),
        (401, "<html><title>401</title></html>", BadKey),
        (402, "", OutOfCredit),
        (403, {"error": "your group may not use images"}, Forbidden),
        (404, "<html>not found</html>", NotFound),
        (429, {"message": "slow down"}, UpstreamBusy),
        # words in the place of a status
        (403, {"error": {"message": "用户额度不足", "code": "insufficient_user_quota"}}, OutOfCredit),
        (
            429,
            {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}},
            OutOfCredit,
        ),
        (400, MODERATED, Moderated),
        (403, MODERATED, Moderated),
        (400, {"error": "提示词包含敏感内容"}, Moderated),
        (
            400,  # of OpenAI's type for everything that the person can mend
            {
                "error": {
                    "message": "Streaming must have non-zero partial images",
                    "type": "image_generation_user_error",
                }
            },
            BadRequest,
        ),
        (
            400,
            {
                "error": {
                    "message": "Billing hard limit has been reached",
                    "type": "billing_limit_user_error",
                }
            },
            OutOfCredit,
        ),
        (503, NEW_API, UpstreamDown),
        (
            400,
            {"error": {"message": "Unknown parameter: 'moderation'.", "code": "unknown_parameter"}},
            BadRequest,
        ),
        # anything at all
        (400, "[1, 2]", BadRequest),
        (418, "\ufffd", BadRequest),
        (422, {"detail": [{"loc": ["body", "n"], "msg": "n must be an integer"}]}, BadRequest),
        (500, "null", UpstreamDown),
        (502, '{"error": {"mess', UpstreamDown),
        (524, "error code: 524", UpstreamDown),
        (302, "", NotFound),
        (400, "[" * 100_000, BadRequest),
    ],
)
def test_status_first_then_words(status: int, said: Any, error: type[UpstreamError]) -> None:
    assert type(explain(status, {}, body(said))) is error


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"error": "no"}, "no"),
        ({"error": {"message": "no"}}, "no"),
        ({"message": "no", "error": None}, "no"),
        ({"detail": [{"msg": "no"}, {"msg": "never"}]}, "no; never"),
        ("plain no", "plain no"),
        ("<html><head><title>524: A timeout &amp; more</title></head></html>", "524: A timeout & more"),
        ("<p>only <b>this</b></p>", "only this"),
        ({"error": {"message": "two\n  lines"}}, "two lines"),
        ({}, "none"),
        ("", "none"),
    ],
)
def test_the_text_is_found_in_every_form(said: Any, text: str) -> None:
    assert explain(400, {}, body(said)).params["detail"] == text


@pytest.mark.parametrize(
    ("status", "headers", "said", "sure"),
    [
        (400, {}, "no", True),
        (429, {}, "", True),
        (500, {}, "upstream error", False),
        (500, {}, "insufficient credits", True),
        (503, {}, NEW_API, True),
        (503, {}, "overloaded", False),
        (408, {}, "", False),
        (524, {"server": "cloudflare", "cf-ray": "1"}, "", False),
        (522, {"server": "cloudflare", "cf-ray": "1"}, "", True),
        (522, {"server": "nginx"}, "", False),
        (521, {"server": "cloudflare"}, "", False),
    ],
)
def test_what_surely_was_not_accepted(status: int, headers: dict[str, str], said: Any, sure: bool) -> None:
    assert refused(status, headers, explain(status, headers, body(said))) is sure


def test_a_failure_without_words() -> None:
    assert type(failed(None)) is UpstreamFailed
    assert type(failed({"code": "moderation_blocked"})) is Moderated


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"error": {"message": "no"}}, "no"),
        ({"error": "no", "data": None}, "no"),
        ({"success": False, "message": "no"}, "no"),
        ({"error": True, "message": "no"}, "no"),
        ({"error": None, "data": []}, None),
        ({"data": []}, None),
        ([], None),
        (None, None),
    ],
)
def test_errors_under_200(document: Any, text: str | None) -> None:
    found = complaint(document)
    assert (found and found.params["detail"]) == text


def test_the_request_id_is_found_where_it_is() -> None:
    assert request_id({"x-oneapi-request-id": "abc"}) == "abc"
    assert request_id({}, body(NEW_API)) == "20261120093012345678"
    assert request_id({}, b'{"request_id": "req_0123456789"}') == "req_0123456789"
    assert request_id({"cf-ray": "8f00-AMS"}, b"") == "8f00-AMS"
    assert request_id({}, b"request failed") == ""


@pytest.mark.parametrize(
    ("said", "wait"), [("3", 3.0), ("0.5", 0.5), ("-1", 0.0), ("", None), ("soon", None)]
)
def test_retry_after_in_seconds(said: str, wait: float | None) -> None:
    assert seconds(said) == wait


def test_retry_after_as_a_date() -> None:
    wait = seconds(in_seconds(60))
    assert wait is not None
    assert 57 < wait <= 60
    assert seconds("Wed, 21 Oct 2015 07:28:00 GMT") == 0


def test_what_is_shown_holds_no_secret_and_is_short() -> None:
    key = "abcd1234-private"
    said = f"key {key}, sk-another-one-1234567, Bearer eyJhbGciOi, data {'iVBORw0KGgo' * 30} {'long ' * 200}"
    text = shown(said, key)
    assert len(text) == LONGEST
    for secret in (key, "sk-another", "eyJhbGciOi", "iVBORw0KGgoiVBORw0KGgo"):
        assert secret not in text
    assert text.startswith("key …")
