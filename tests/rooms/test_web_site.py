"""The playground's server as strangers meet it: names, origins, passwords, uploads, pictures, hooks."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import socketio

from adapters.web import gate, uploads
from adapters.web.adapter import Web
from adapters.web.held import Held, opened
from adapters.web.uploads import Uploads
from bot.errors import BadPicture, SetupError
from bot.i18n import words
from bot.model import Picture, PictureId, Source
from tests.contract.door import RecordingDoor
from tests.contract.harness_web import fresh_nicegui
from tests.contract.pictures import picture

PASSWORD = "open sesame"
Served = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@asynccontextmanager
async def run(folder: Path, password: str = "", **more: Any) -> AsyncIterator[httpx.AsyncClient]:
    """The server, and a client that knows its address."""

    async def find(wanted: PictureId) -> Picture | None:
        return picture(folder) if wanted == "k3v9abcdef" else None

    web = Web(
        more.pop("host", "127.0.0.1"),
        0,
        secret=b"s" * 32,
        uploads=folder / "uploads",
        find=find,
        health=lambda: (more.get("ready", True), {"faces": {"web": True}}),
        metrics=lambda: b"easel_jobs 1\n",
        password=password,
        hooks=more.get("hooks"),
        opens=lambda wanted, ends, signature: (ends, signature) == ("20000", "good"),
    )
    with fresh_nicegui():
        task = asyncio.create_task(web.run(RecordingDoor()))
        try:
            async with asyncio.timeout(10):
                while not web.ready:
                    await asyncio.sleep(0.005)
            async with httpx.AsyncClient(base_url=web.address, verify=False, trust_env=False) as client:
                yield client
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def test_health_and_metrics(tmp_path: Path) -> None:
    async with run(tmp_path) as client:
        health, metrics = await client.get("/health"), await client.get("/metrics")
    assert (health.status_code, health.json()) == (200, {"ready": True, "faces": {"web": True}})
    assert metrics.text == "easel_jobs 1\n"
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")


async def test_a_face_that_is_not_ready_is_a_503(tmp_path: Path) -> None:
    async with run(tmp_path, ready=False) as client:
        assert (await client.get("/health")).status_code == 503


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:1"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"X-Forwarded-For": "203.0.113.9"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),
    ],
)
async def test_without_a_password_only_this_machine_is_served(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    async with run(tmp_path) as client:
        for path in ("/", "/metrics", "/pictures/k3v9abcdef/x"):
            answer = await client.get(path, headers=headers)
            assert answer.status_code == status, path
            assert answer.headers["content-security-policy"]
        assert (await client.get("/health", headers=headers)).status_code == 200


LINK = "/files/k3v9abcdef/20000/good/easel-k3v9abcdef.png"


@pytest.mark.parametrize("password", ["", PASSWORD])
async def test_a_link_opens_one_file_to_whoever_has_it(tmp_path: Path, password: str) -> None:
    """Through a proxy, by another name, from another page, without the password."""
    strange = {"Host": "easel.example", "X-Forwarded-For": "203.0.113.9", "Origin": "https://chat.example"}
    async with run(tmp_path, password) as client:
        whole = await client.get(LINK, headers=strange)
        part = await client.get(LINK, headers={**strange, "Range": "bytes=4-11"})
        head = await client.head(LINK, headers=strange)
        saved = await client.get(f"{LINK}?download", headers=strange)
        assert (await client.post(LINK, headers=strange)).status_code in (401, 403)
    assert (whole.status_code, whole.headers["content-type"], whole.content[:4]) == (
        200,
        "image/png",
        b"\x89PNG",
    )
    assert (part.status_code, part.content) == (206, whole.content[4:12])
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(whole.content)))
    assert head.headers["accept-ranges"] == "bytes"
    for answer in (whole, part, head):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["content-disposition"] == 'inline; filename="easel-k3v9abcdef.png"'
    assert saved.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "path",
    [
        "/files/k3v9abcdef/20000/bad/easel-k3v9abcdef.png",
        "/files/k3v9abcdef/20001/good/easel-k3v9abcdef.png",
        "/files/another/20000/good/easel-another.png",
        "/files/k3v9abcdef/20000/good",
        "/files/",
        "/files/k3v9abcdef/20000/good/../../../../pictures/k3v9abcdef/x",
        "/files/..%2fpictures%2fk3v9abcdef%2fx",
    ],
)
async def test_what_is_no_link_opens_nothing(tmp_path: Path, path: str) -> None:
    async with run(tmp_path, PASSWORD) as client:
        answer = await client.get(path)
        assert answer.status_code in (401, 404)
        assert b"PNG" not in answer.content


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
async def test_no_other_site_gets_a_websocket(tmp_path: Path, headers: dict[str, str]) -> None:
    async with run(tmp_path) as client:
        stranger = socketio.AsyncClient(reconnection=False)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await stranger.connect(
                str(client.base_url),
                headers=headers,
                transports=["websocket"],
                socketio_path="/_nicegui_ws/socket.io",
            )
        await stranger.disconnect()


async def test_a_password_stands_before_everything(tmp_path: Path) -> None:
    async with run(tmp_path, PASSWORD) as client:
        front = await client.get("/")
        assert (front.status_code, front.headers["location"]) == (303, "/login")
        for path in ("/metrics", "/pictures/k3v9abcdef/x", "/uploads/x", "/_nicegui_ws/socket.io/?EIO=4"):
            assert (await client.get(path)).status_code == 401, path
        assert (await client.post("/uploads", content=b"x")).status_code == 401
        page = await client.get("/login")
        assert PASSWORD not in page.text
        assert 'type="password"' in page.text
        assert (await client.get("/static/easel.css")).status_code == 200


async def test_the_password_opens_and_logging_out_closes(tmp_path: Path) -> None:
    async with run(tmp_path, PASSWORD) as client:
        answer = await client.post("/login", data={"password": PASSWORD})
        cookie = answer.headers["set-cookie"].lower()
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert (await client.get("/")).status_code == 200
        # With a password any name may be used, say behind a proxy.
        assert (await client.get("/", headers={"Host": "easel.example"})).status_code == 200
        await client.post("/logout")
        assert (await client.get("/")).status_code == 303


@pytest.mark.parametrize("token", ["", "x", "9999999999", "9999999999.", "9999999999.00", "1.é", "²."])
async def test_a_forged_session_opens_nothing(token: str) -> None:
    assert not gate.Lock(PASSWORD, b"s", "c").valid(token)


def test_a_session_ends_with_its_password_its_secret_and_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    lock = gate.Lock(PASSWORD, b"s", "c")
    token = lock.token()
    assert lock.valid(token)
    assert not gate.Lock("another", b"s", "c").valid(token)
    assert not gate.Lock(PASSWORD, b"t", "c").valid(token)
    later = time.time() + gate.SESSION + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert not lock.valid(token)


async def test_wrong_passwords_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.web.site._WRONG_PAUSE", 0.0)
    async with run(tmp_path, PASSWORD) as client:
        answers = [(await client.post("/login", data={"password": "?"})).status_code for _ in range(6)]
        assert answers == [403] * 5 + [429]
        assert (await client.post("/login", data={"password": PASSWORD})).status_code == 429


async def test_metrics_take_the_password(tmp_path: Path) -> None:
    basic = base64.b64encode(f"anyone:{PASSWORD}".encode()).decode()
    async with run(tmp_path, PASSWORD) as client:
        for value, status in (
            (f"Basic {basic}", 200),
            (f"Bearer {PASSWORD}", 200),
            ("Basic !", 401),
            ("Bearer x", 401),
        ):
            answer = await client.get("/metrics", headers={"Authorization": value})
            assert answer.status_code == status, value


async def test_an_upload_is_kept_under_a_name_of_ours(tmp_path: Path) -> None:
    body = picture(tmp_path).path.read_bytes()
    async with run(tmp_path) as client:
        source = (await client.post("/uploads", content=body)).json()["source"]
        shown = await client.get(f"/uploads/{source.removeprefix('web:')}")
    assert (shown.content, shown.headers["content-type"]) == (body, "image/png")
    await Uploads(tmp_path / "uploads").fetch(source, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == body


async def test_what_is_no_picture_is_never_shown_as_a_page(tmp_path: Path) -> None:
    async with run(tmp_path) as client:
        source = (await client.post("/uploads", content=b"<script>alert(1)</script>")).json()["source"]
        shown = await client.get(f"/uploads/{source.removeprefix('web:')}")
    assert shown.headers["content-type"] == "application/octet-stream"
    assert shown.headers["content-disposition"] == "attachment"
    assert shown.headers["x-content-type-options"] == "nosniff"


async def test_a_large_upload_is_refused_and_not_kept(tmp_path: Path) -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(27):
            yield os.urandom(1024 * 1024)

    async with run(tmp_path) as client:
        with contextlib.suppress(httpx.WriteError):
            assert (await client.post("/uploads", content=body())).status_code == 413
    assert list((tmp_path / "uploads").iterdir()) == []


@pytest.mark.parametrize(
    "name", ["../secret", "..%2Fsecret", "%2e%2e/secret", "/etc/passwd", "a" * 20, "secret"]
)
async def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "uploads").mkdir()
    async with run(tmp_path) as client:
        assert (await client.get(f"/uploads/{name}")).status_code == 404
    with pytest.raises(BadPicture):
        await Uploads(tmp_path / "uploads").fetch(Source(f"web:{name}"), tmp_path / "fetched")


async def test_old_uploads_are_swept(tmp_path: Path) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"x"

    kept, folder = Uploads(tmp_path), tmp_path
    old, new = await kept.receive(body()), await kept.receive(body())
    os.utime(folder / old, (0, time.time() - uploads.KEPT - 60))
    (folder / "not-ours").write_text("stays")
    os.utime(folder / "not-ours", (0, 0))
    tidy = asyncio.create_task(kept.keep_tidy())
    async with asyncio.timeout(5):
        while kept.path(old):
            await asyncio.sleep(0.01)
    tidy.cancel()
    assert kept.path(new)
    assert (folder / "not-ours").exists()


async def test_pictures_are_served_as_they_are(tmp_path: Path) -> None:
    kept = picture(tmp_path)
    async with run(tmp_path) as client:
        shown = await client.get(f"/pictures/{kept.id}/{kept.name}")
        saved = await client.get(f"/pictures/{kept.id}/{kept.name}?download=1")
        unknown = await client.get("/pictures/nobody/x.png")
    assert (shown.content, shown.headers["content-type"]) == (kept.path.read_bytes(), "image/png")
    assert saved.headers["content-disposition"] == f'attachment; filename="{kept.name}"'
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ({}, 200, slice(None)),
        ({"Range": "bytes=4-11"}, 206, slice(4, 12)),
        ({"Range": "bytes=-8"}, 206, slice(-8, None)),
    ],
)
async def test_a_file_that_is_taken_away_is_sent_to_its_end(
    tmp_path: Path, asked: dict[str, str], status: int, part: slice
) -> None:
    """As a preview is, when the next one comes while a browser loads it."""
    kept = picture(tmp_path)
    content, file = kept.path.read_bytes(), await opened(kept.path)
    assert file
    kept.path.unlink()
    held = Held(file, kept.mime, {})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(held), base_url="http://easel") as client:
        answer = await client.get("/", headers=asked)
    assert (answer.status_code, answer.content) == (status, content[part])
    assert file.closed
    assert await opened(kept.path) is None
    assert await opened(tmp_path) is None


async def test_hooks_are_called_whatever_the_host(tmp_path: Path) -> None:
    heard: list[tuple[str, bytes]] = []

    async def hook(headers: Mapping[str, str], body: bytes) -> int:
        heard.append((headers["x-secret"], body))
        return 204

    async def broken(headers: Mapping[str, str], body: bytes) -> int:
        raise RuntimeError

    hooks = {"/telegram": hook, "/broken": broken}
    async with run(tmp_path, PASSWORD, hooks=hooks) as client:
        headers = {"X-Secret": "s", "Host": "bot.example", "X-Forwarded-For": "203.0.113.9"}
        assert (await client.post("/telegram", content=b"{}", headers=headers)).status_code == 204
        assert (
            await client.post("/telegram", content=bytes(5 * 1024 * 1024), headers=headers)
        ).status_code == 413
        assert (await client.post("/broken", content=b"{}")).status_code == 500
        assert (await client.get("/telegram")).status_code == 401
    assert heard == [("s", b"{}")]


async def test_a_taken_port_is_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SetupError) as error:
            await refused(tmp_path, "127.0.0.1", port, "")
    said = words().say("en", error.value.sentence, **error.value.params)
    assert str(port) in said
    assert "WEB_PORT" in said


@pytest.mark.parametrize(
    ("host", "password", "setting"), [("0.0.0.0", "", "WEB_PASSWORD"), ("192.0.2.7", "secret", "WEB_HOST")]
)
async def test_a_host_that_cant_be_is_a_sentence(
    tmp_path: Path, host: str, password: str, setting: str
) -> None:
    with pytest.raises(SetupError) as error:
        await refused(tmp_path, host, 0, password)
    assert setting in words().say("en", error.value.sentence, **error.value.params)


async def refused(folder: Path, host: str, port: int, password: str) -> None:
    async def find(wanted: PictureId) -> Picture | None:
        return None

    web = Web(
        host,
        port,
        secret=b"s" * 32,
        uploads=folder,
        find=find,
        health=lambda: (True, {}),
        metrics=lambda: b"",
        password=password,
    )
    await web.run(RecordingDoor())
