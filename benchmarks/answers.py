"""Big answers: JSON with base64 in it, read by Easel's scanner and by ``json`` + ``base64``.

Each reading is a process of its own, so that one's memory is not another's. The last row is the whole
way: an order over HTTP that ends in files, by a dialect of Easel's and by a bare ``httpx``.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from benchmarks.process import Process
from benchmarks.table import Table

MB = 1_000_000
CASES = ((1, 1.5), (1, 12.0), (10, 12.0))
_CHUNK = 64 * 1024
"""What httpx hands on at a time."""


def measured() -> Table:
    """Of each answer: CPU time, and memory added at the peak, of both ways."""
    table = Table("answer", "scanner CPU", "json CPU", "ratio", "scanner memory", "json memory", "ratio")
    with tempfile.TemporaryDirectory(prefix="easel-bench-") as folder:
        for count, size in CASES:
            body = Path(folder, "answer.json")
            _write(body, count, int(size * MB))
            _row(table, f"{count} × {size:g} MB", *(_run(how, str(body)) for how in ("scanner", "plain")))
        with _served(body, count) as url:
            _row(table, f"{count} × {size:g} MB by HTTP", *(_run(how, url) for how in ("easel", "httpx")))
    return table


def _row(table: Table, name: str, ours: tuple[float, float], plain: tuple[float, float]) -> None:
    (cpu, memory), (plain_cpu, plain_memory) = ours, plain
    table.row(
        name,
        f"{cpu * 1000:.0f} ms",
        f"{plain_cpu * 1000:.0f} ms",
        f"{cpu / plain_cpu:.2f}",
        f"+{memory:.1f} MB",
        f"+{plain_memory:.1f} MB",
        f"{memory / plain_memory:.2f}",
    )


@contextmanager
def _served(body: Path, count: int) -> Iterator[str]:
    """The address of a relay that answers with this body; with a small one where one picture is asked."""

    class Relay(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = body if asked.get("n", 1) == count else small
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(answer.stat().st_size))
            self.end_headers()
            with answer.open("rb") as file:
                shutil.copyfileobj(file, self.wfile, 1 << 20)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    small = body.with_name("small-answer.json")
    _write(small, 1, 1000)
    with ThreadingHTTPServer(("127.0.0.1", 0), Relay) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _write(body: Path, count: int, size: int) -> None:
    """Random bytes behind PNG's signature: neither reader looks further."""
    with body.open("wb") as file, Path("/dev/urandom").open("rb") as random:
        file.write(b'{"id": "job-1", "status": "succeeded", "images": [')
        for number in range(count):
            picture = b"\x89PNG\r\n\x1a\n" + random.read(size - 8)
            file.write(b", " * bool(number) + b'{"b64_json": "' + base64.b64encode(picture) + b'"}')
        file.write(b"]}")


def _run(how: str, where: str) -> tuple[float, float]:
    """CPU seconds and MB of memory that a reading adds: the median of three, each in a new process."""
    command = [sys.executable, "-m", "benchmarks.answers", how, where]
    runs = [subprocess.run(command, check=True, capture_output=True, text=True) for _ in range(3)]
    cpu, memory = zip(*((float(word) for word in run.stdout.split()) for run in runs), strict=True)
    return sorted(cpu)[1], sorted(memory)[1]


def _scanner(body: Path, folder: Path) -> None:
    from upstream.scan import Scanner  # noqa: PLC0415 - so that it is not part of the other's memory

    scanner = Scanner(folder)
    with body.open("rb") as file:
        while chunk := file.read(_CHUNK):
            scanner.feed(chunk)
    scanner.close()


def _plain(body: Path, folder: Path) -> None:
    for number, image in enumerate(json.loads(body.read_bytes())["images"]):
        (folder / str(number)).write_bytes(base64.b64decode(image["b64_json"]))


async def _easel(url: str, folder: Path, count: int) -> None:
    from bot.model import Endpoint, ImageRequest, Order  # noqa: PLC0415
    from upstream import Upstreams  # noqa: PLC0415

    order = Order(ImageRequest("a fox", n=count), folder)
    async with Upstreams(asyncio.Semaphore(1)) as upstream:
        async for _ in upstream.generate(Endpoint("operator", "jojokey", (url,), "sk-benchmark"), order):
            pass
    assert len(list(folder.iterdir())) == count


async def _httpx(url: str, folder: Path, count: int) -> None:
    import httpx  # noqa: PLC0415

    async with httpx.AsyncClient(timeout=60) as client:
        answer = (await client.post(url, json={"prompt": "a fox", "n": count})).json()
    for number, image in enumerate(answer["images"]):
        (folder / str(number)).write_bytes(base64.b64decode(image["b64_json"]))


def _reader(how: str, where: str, folder: Path) -> tuple[Callable[[], object], Callable[[], object]]:
    """A reading of little, to warm up, and of all."""
    if how in ("easel", "httpx"):
        order = {"easel": _easel, "httpx": _httpx}[how]
        little, much = folder / "little", folder / "much"
        little.mkdir()
        much.mkdir()
        return lambda: asyncio.run(order(where, little, 1)), lambda: asyncio.run(
            order(where, much, CASES[-1][0])
        )
    read, small = {"scanner": _scanner, "plain": _plain}[how], folder / "small.json"
    _write(small, 1, 1000)
    return lambda: read(small, folder), lambda: read(Path(where), folder)


def _read(how: str, where: str) -> None:
    """In the new process: warm up on little, then read, then tell."""
    with tempfile.TemporaryDirectory(prefix="easel-bench-", dir="/var/tmp") as folder:
        warm_up, read = _reader(how, where, Path(folder))
        warm_up()
        here = Process(os.getpid())
        here.forget_peak()
        before, began = here.memory, time.process_time()
        read()
        print(time.process_time() - began, here.peak - before)


if __name__ == "__main__":
    _read(sys.argv[1], sys.argv[2])
