"""Connections to relays: kept while they are used, and not for as many strangers as anybody likes to name."""

from __future__ import annotations

import httpx
import pytest

from upstream.http import Clients, Patience
from upstream.http.clients import _STRANGERS, Lane
from upstream.transport import Client


async def test_strangers_that_nobody_uses_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Client] = []

    async def close(client: Client) -> None:
        closed.append(client)

    monkeypatch.setattr(Client, "aclose", close)
    clients, ours = Clients(Patience()), httpx.URL("http://ours.example")
    busy = httpx.URL("http://busy.example")
    async with clients.turn(ours, Lane.POLL) as mine:
        pass
    async with clients.turn(busy, Lane.POLL, guarded=True) as used:
        for number in range(2 * _STRANGERS):
            async with clients.turn(httpx.URL(f"http://{number}.example"), Lane.POLL, guarded=True) as client:
                assert client not in closed
            if not number:
                first = client
        assert first in closed
        assert used not in closed
        assert len(clients._pools) == _STRANGERS + 1
        async with clients.turn(busy, Lane.POLL, guarded=True) as again:
            assert again is used
    async with clients.turn(ours, Lane.POLL) as kept:
        assert kept is mine
    await clients.aclose()
    assert kept in closed
