"""Processes of Easel's that need not import first: a fork server has done that for all of them.

Nine tenths of a start are imports. A fork server (this file, run as a program) does them once for a run of
tests. For whoever asks it makes a process that has a pid, an environment, a folder and signals of its own,
runs ``python -m PROGRAM`` and ends as any other does. A *fresh* one has nothing beforehand: it is just what
an operator starts. The fork server lives as long as the process that started it.

The standard library's own (`multiprocessing.forkserver`) takes over the environment, the open files and the
main module of the tests, and ends its processes without the interpreter's farewell.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import importlib
import json
import os
import runpy
import secrets
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import IO, Any

ROOT = Path(__file__).parent.parent
_BEFOREHAND = (
    "bot.__main__",
    "storage.postgres",
    "yoyo",
    "nicegui.ui_run_with",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
)
"""What is imported: the front door, and what is imported only once it runs."""
_NUMBER = struct.Struct("i")
_ONE_AT_A_TIME = Lock()


class Forked:
    """A process that the fork server made; of `asyncio.subprocess.Process`, what tests need."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._ended: int | None = None
        self.pid = _number(line.recv(_NUMBER.size))
        line.setblocking(False)

    @property
    def returncode(self) -> int | None:
        """``None`` while it runs; below zero: the signal that it died of."""
        if self._ended is None and select.select([self._line], [], [], 0)[0]:
            self._end(self._line.recv(_NUMBER.size))
        return self._ended

    async def wait(self) -> int:
        if self._ended is None:
            self._end(await asyncio.get_running_loop().sock_recv(self._line, _NUMBER.size))
        assert self._ended is not None
        return self._ended

    def join(self, seconds: float) -> int:
        """`wait` for those without an event loop."""
        if self._ended is None:
            select.select([self._line], [], [], seconds)
        if self.returncode is None:
            raise TimeoutError(f"it goes on after {seconds} s")
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def __del__(self) -> None:
        self._line.close()

    def _end(self, said: bytes) -> None:
        self._ended = _number(said)
        self._line.close()


def fork(
    words: Sequence[str], *, cwd: Path, env: Mapping[str, str], output: IO[bytes], fresh: bool = False
) -> Forked:
    """Start ``python -m`` and these words with just this environment; both its outputs go to ``output``.

    The first one takes seconds: call it in a thread where others are at work.
    """
    ours, theirs = socket.socketpair()
    order = {"words": words, "cwd": str(cwd), "env": dict(env), "fresh": fresh}
    with theirs, _ONE_AT_A_TIME:
        socket.send_fds(_server(), [b"!"], [theirs.fileno(), output.fileno()])
    ours.sendall(json.dumps(order).encode())
    ours.shutdown(socket.SHUT_WR)
    return Forked(ours)


def free_port() -> int:
    """For a process still to come: below those that systems give away, so nobody else is given it before."""
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@cache
def _server() -> socket.socket:
    """The line to the fork server, which ends when this is closed: at the latest with this process."""
    ours, theirs = socket.socketpair()
    with theirs:
        # What an interpreter reads before all else is as in `House`; the rest of the tests' own is not there.
        env = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", "LANG": "C.UTF-8"}
        server = subprocess.Popen([sys.executable, "-m", __name__], cwd=ROOT, env=env, stdin=theirs)
    server.returncode = 0  # it ends by itself; nobody waits for it
    atexit.register(ours.close)
    return ours


def _number(said: bytes) -> int:
    if not said:
        raise RuntimeError("the fork server is gone: what it said is above")
    return int(_NUMBER.unpack(said)[0])


# --- in the fork server, and in the processes that it makes ---------------------------------


def _main() -> None:
    for name in _BEFOREHAND:
        importlib.import_module(name)
    del sys.modules["bot.__main__"]  # it is run under another name
    gc.disable()
    gc.freeze()  # so that what is imported stays common memory
    _become(_next_order(socket.socket(fileno=0)))


def _next_order(line: socket.socket) -> dict[str, Any]:
    """Returns in a new process alone, with what it is to do; ends when nobody is left who could ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait
    while True:
        _, files, _, _ = socket.recv_fds(line, 1, 2)
        if not files:
            sys.exit()
        if not os.fork():
            asker, output = socket.socket(fileno=files[0]), files[1]
            line.close()
            return _waited_for(asker, output)
        for file in files:
            os.close(file)


def _waited_for(asker: socket.socket, output: int) -> dict[str, Any]:
    """Fork once more: this process tells the other one's pid and how it ends, and does nothing else."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if pid := os.fork():
        asker.sendall(_NUMBER.pack(pid))
        _, status = os.waitpid(pid, 0)
        asker.sendall(_NUMBER.pack(os.waitstatus_to_exitcode(status)))
        os._exit(0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with asker, asker.makefile("rb") as said:
        order: dict[str, Any] = json.load(said)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.set_inheritable(os.open(os.devnull, os.O_RDONLY), True)  # 0, which was the line to the fork server
    return order


def _become(order: dict[str, Any]) -> None:
    words = order["words"]
    os.chdir(order["cwd"])
    if order["fresh"]:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.execve(sys.executable, [sys.executable, "-m", *words], order["env"])
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    gc.enable()
    sys.argv[1:] = words[1:]
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
