from __future__ import annotations

from collections.abc import Iterator

import pytest
from dialog_stage import Stage, Talk, raised_stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    with raised_stage() as running:
        yield running


@pytest.fixture
def talk() -> Talk:
    return Talk()
