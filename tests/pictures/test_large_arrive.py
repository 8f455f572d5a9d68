"""Large pictures reach every face."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model import Reply
from tests.contract.harness import Harness
from tests.contract.pictures import picture
from tests.contract.test_adapter import FACES, answered, opened


@pytest.fixture(params=FACES)
async def face(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Harness]:
    async with opened(request.param, tmp_path) as harness:
        yield harness


@pytest.mark.parametrize(("width", "height", "noise"), [(2450, 2450, True), (7000, 5400, False)])
async def test_large_pictures_arrive(
    face: Harness, tmp_path: Path, width: int, height: int, noise: bool
) -> None:
    large = picture(tmp_path, width=width, height=height, noise=noise)
    post = await answered(face, Reply("queued"))
    await face.adapter.edit(post, Reply("done", pictures=(large,)))
    [shown] = await face.shown()
    assert shown.pictures or shown.files
