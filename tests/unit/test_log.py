"""What stands in the log: calm lines, or one JSON object each; no secrets, no chatter."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator

import pytest

from bot import log

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw_x"


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(False)
    root.handlers[:], root.level = handlers, level
    for name in log.CHATTY:
        logging.getLogger(name).setLevel(logging.NOTSET)


def fail() -> None:
    raise OSError(f"https://api.telegram.org/bot{TOKEN}/getMe")


def speak() -> None:
    logging.getLogger("bot.engine").info("job %s is done", "k3v9abcdef")
    logging.getLogger("bot.engine").warning("a prompt\nof two lines")
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/bot%s/getMe", TOKEN)
    try:
        fail()
    except OSError:
        logging.getLogger("adapters.telegram").exception("can't reach Telegram, password %s", "sesame")


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info", "text", ["sesame"])
    speak()
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].endswith(" bot.engine: job k3v9abcdef is done")
    assert lines[1].endswith(" warning bot.engine: a prompt ⏎ of two lines")
    assert lines[2].endswith(" error adapters.telegram: can't reach Telegram, password …")
    assert lines[-1] == "OSError: https://api.telegram.org/bot…/getMe"


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("warning", "json", ["sesame"])
    speak()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["level"] for line in lines] == ["warning", "error"]
    assert lines[0] | {"time": ""} == {
        "time": "",
        "level": "warning",
        "logger": "bot.engine",
        "message": "a prompt\nof two lines",
    }
    assert lines[1]["trace"].endswith("OSError: https://api.telegram.org/bot…/getMe")
    assert "sesame" not in lines[1]["message"]


def test_warnings_are_logged_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"odd answer for {TOKEN}", stacklevel=1)
    assert TOKEN not in capsys.readouterr().err


def test_libraries_are_never_louder_than_asked(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("error")
    logging.getLogger("discord").warning("shard 0 reconnects")
    assert capsys.readouterr().err == ""
