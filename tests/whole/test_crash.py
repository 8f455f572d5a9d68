"""The short form of ``make crash``: a moment of each kind, every dialect, every platform."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.__main__ import run
from tests.crash.points import BY_NAME, SHORT
from tests.crash.table import Count, table

pytestmark = [pytest.mark.whole, pytest.mark.timeout(300)]


async def test_whenever_it_is_killed_everybody_gets_one_picture(tmp_path: Path) -> None:
    rows = await run([BY_NAME[name] for name in SHORT], tmp_path / "data")
    total = sum((count for _, count in rows), Count())
    assert total.right, table([row for row in rows if not row[1].right])
