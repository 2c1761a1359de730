from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.nlu.nlu_stage import Stage, raised_stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    with raised_stage() as running:
        yield running
