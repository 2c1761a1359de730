"""Ports, secrets and the doctor."""

from __future__ import annotations

import re
import socket
import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from turnscope.cli import moment_of, seconds_of
from turnscope.deployment.doctor import check_disk, check_ports, check_twins, owner_of
from turnscope.deployment.ports import Ports
from turnscope.deployment.secrets import NAMES, SecretsError, load_secrets, read_secrets

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORT_OFFSET", "TURNSCOPE_SECRETS", "GATEWAY_PORT", "NLU_PORT"):
        monkeypatch.delenv(name, raising=False)


def test_the_offset_moves_every_port_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(Ports().items())
    monkeypatch.setenv("PORT_OFFSET", "100")
    monkeypatch.setenv("GATEWAY_PORT", "18000")

    after = dict(Ports().items())

    assert after.pop("GATEWAY_PORT") == 18000
    assert all(port == before[name] + 100 for name, port in after.items())


def test_a_port_that_is_no_port_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_PORT", "70000")

    with pytest.raises(ValidationError, match="gateway_port"):
        Ports()


def test_default_ports_are_all_different() -> None:
    assert list(check_twins(Ports())) == []


def test_two_parts_on_one_port_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLU_PORT", "8000")

    (finding,) = check_twins(Ports())

    assert "GATEWAY_PORT" in finding.state
    assert "NLU_PORT" in finding.state


def test_a_taken_port_is_named_with_its_owner_and_its_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("GATEWAY_PORT", str(port))

        findings = [finding for finding in check_ports(Ports()) if not finding.ok]

        assert any("GATEWAY_PORT" in finding.advice for finding in findings)
        assert "process" in owner_of(port)


def test_a_full_disk_is_named_with_the_variable_that_moves_it(tmp_path: Path) -> None:
    finding = check_disk(tmp_path / "not" / "yet", 1e9, "TURNSCOPE_CACHE")

    assert not finding.ok
    assert "TURNSCOPE_CACHE" in finding.advice


def test_secrets_are_generated_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    first = load_secrets(tmp_path)
    again = load_secrets(tmp_path)

    assert first == again
    assert set(first) == set(NAMES)
    assert len(set(first.values())) == len(NAMES)
    assert stat.S_IMODE((tmp_path / ".secrets.env").stat().st_mode) == 0o600


def test_a_secret_that_a_newer_version_needs_is_added_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / ".secrets.env").touch(0o600)
    (tmp_path / ".secrets.env").write_text("POSTGRES_PASSWORD=kept\n")

    assert load_secrets(tmp_path)["POSTGRES_PASSWORD"] == "kept"
    assert set(read_secrets(tmp_path)) == set(NAMES)


def test_secrets_that_others_can_read_are_refused(tmp_path: Path) -> None:
    load_secrets(tmp_path)
    (tmp_path / ".secrets.env").chmod(0o644)

    with pytest.raises(SecretsError, match="chmod 600"):
        read_secrets(tmp_path)


def test_compose_mode_generates_the_same_secrets() -> None:
    script = (ROOT / "scripts/compose").read_text()
    found = re.search(r"^for name in (.*); do$", script, re.M)

    assert found is not None
    assert tuple(found[1].split()) == NAMES


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("2h", 7200)])
def test_lengths_of_time_are_read(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


def test_moments_are_read_with_their_zone() -> None:
    assert moment_of("1970-01-01T01:00:00+01:00") == 0
    assert moment_of(None) is None
