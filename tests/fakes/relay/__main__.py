"""``python -m tests.fakes.relay``: the relay as a process of its own; prints its address, then serves."""

from __future__ import annotations

import argparse
import asyncio
import signal

from tests.fakes.relay import KEY, Relay


async def serve(port: int, relay: Relay) -> None:
    await relay.start(port)
    print(relay.url, flush=True)
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    await over.wait()
    await relay.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.fakes.relay", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--dialect", default="shenfeng")
    parser.add_argument("--delay", type=float, default=2.0, help="seconds that a picture takes")
    parser.add_argument("--queued", type=float, default=0.0, help="seconds in the queue before")
    parser.add_argument("--size", type=int, default=1_500_000, help="bytes of a picture")
    parser.add_argument("--key", default=KEY)
    given = parser.parse_args()
    relay = Relay(
        given.dialect, delay=given.delay, queued=given.queued, size=given.size, keys={given.key: 1e9}
    )
    asyncio.run(serve(given.port, relay))


if __name__ == "__main__":
    main()
