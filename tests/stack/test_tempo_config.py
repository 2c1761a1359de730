"""Tempo's own checker; apart from the other engines', because Tempo is not built in native mode."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine_binaries import ROOT
from store_engines import tempo_binary
from test_engine_checkers import check

pytestmark = pytest.mark.tempo


def test_tempo_accepts_its_configuration(tmp_path: Path) -> None:
    check(
        tempo_binary(),
        "-config.verify=true",
        "-config.expand-env=true",
        f"-config.file={ROOT}/tempo/config.yaml",
        TEMPO_DATA_DIRECTORY=str(tmp_path),
    )
