"""The stage as a fixture."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.model_inference.model_stage import Stage, instant, open_stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    """The service over a scripted model that does not wait."""
    with open_stage([instant()]) as stage:
        yield stage
