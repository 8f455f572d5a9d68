"""For all tests."""

from __future__ import annotations

import gc


def pytest_collection_finish() -> None:
    """What is imported stays: the collector, and whoever asks it for all objects, need not walk over it."""
    gc.freeze()
