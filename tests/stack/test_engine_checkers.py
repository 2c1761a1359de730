"""Each engine's own checker on what the engine reads."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from engine_binaries import ROOT, binaries

# What is missing is compiled first.
pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]


def check(*command: str | Path, **environment: str) -> str:
    """Runs a checker; fails with all that it said."""
    done = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def test_the_collector_accepts_its_configuration_without_a_deprecation(tmp_path: Path) -> None:
    said = check(
        binaries("collector")["otelcol"],
        "validate",
        f"--config={ROOT}/collector/config.yaml",
        QUEUE_DIRECTORY=str(tmp_path),
    )
    assert "deprecated" not in said.lower()
    assert "legacy" not in said.lower()


def test_prometheus_accepts_its_configuration_with_the_targets_of_compose_mode(
    tmp_path: Path,
) -> None:
    room = ROOT / "prometheus"
    shutil.copy(room / "prometheus.yml", tmp_path)
    shutil.copytree(room / "rules", tmp_path / "rules")
    shutil.copy(room / "targets.compose.yml", tmp_path / "targets.yml")
    check(binaries("prometheus")["promtool"], "check", "config", tmp_path / "prometheus.yml")


def test_every_rule_file_is_accepted_with_all_lints() -> None:
    rules = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
    assert rules
    promtool = binaries("prometheus")["promtool"]
    check(promtool, "check", "rules", "--lint=all", "--lint-fatal", *rules)


def test_the_rules_compute_what_their_tests_expect() -> None:
    tests = sorted((ROOT / "prometheus" / "tests").glob("*.yml"))
    assert tests
    check(binaries("prometheus")["promtool"], "test", "rules", *tests)


def test_alertmanager_accepts_its_configuration() -> None:
    amtool = binaries("alertmanager")["amtool"]
    check(amtool, "check-config", ROOT / "alertmanager" / "config.yml")


def test_loki_accepts_its_configuration(tmp_path: Path) -> None:
    check(
        binaries("loki")["loki"],
        "-verify-config",
        "-config.expand-env=true",
        f"-config.file={ROOT}/loki/config.yaml",
        LOKI_DATA_DIRECTORY=str(tmp_path),
    )
