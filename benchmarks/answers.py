"""Big answers: JSON with base64 in it, read by Easel's scanner and by ``json`` + ``base64``.

Each reading is a process of its own, so that one's memory is not another's.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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
            (cpu, memory), (plain_cpu, plain_memory) = (_run(how, body) for how in ("scanner", "plain"))
            table.row(
                f"{count} × {size:g} MB",
                f"{cpu * 1000:.0f} ms",
                f"{plain_cpu * 1000:.0f} ms",
                f"{cpu / plain_cpu:.2f}",
                f"+{memory:.1f} MB",
                f"+{plain_memory:.1f} MB",
                f"{memory / plain_memory:.2f}",
            )
    return table


def _write(body: Path, count: int, size: int) -> None:
    """Random bytes behind PNG's signature: neither reader looks further."""
    with body.open("wb") as file, Path("/dev/urandom").open("rb") as random:
        file.write(b'{"id": "job-1", "status": "succeeded", "images": [')
        for number in range(count):
            picture = b"\x89PNG\r\n\x1a\n" + random.read(size - 8)
            file.write(b", " * bool(number) + b'{"b64_json": "' + base64.b64encode(picture) + b'"}')
        file.write(b"]}")


def _run(how: str, body: Path) -> tuple[float, float]:
    """CPU seconds and MB of memory that a reading adds: the median of three, each in a new process."""
    command = [sys.executable, "-m", "benchmarks.answers", how, str(body)]
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


def _read(how: str, body: Path) -> None:
    """In the new process: warm up on little, then read, then tell."""
    read = {"scanner": _scanner, "plain": _plain}[how]
    with tempfile.TemporaryDirectory(dir=body.parent) as folder:
        small = Path(folder, "small.json")
        _write(small, 1, 1000)
        read(small, Path(folder))
        here = Process(os.getpid())
        here.forget_peak()
        before, began = here.memory, time.process_time()
        read(body, Path(folder))
        print(time.process_time() - began, here.peak - before)


if __name__ == "__main__":
    _read(sys.argv[1], Path(sys.argv[2]))
