import shutil
import threading
from pathlib import Path

import pytest

from turnscope.native import build
from turnscope.native.build import check_disk, engine_folder, ensure_engines
from turnscope.native.engines import ENGINES, engines_for
from turnscope.native.errors import NativeError
from turnscope.native.gobuild import go_environment
from turnscope.native.gorun import Counter, failure
from turnscope.native.progress import LineProgress
from turnscope.native.toolchain import Toolchain

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[3]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout whose modules are tiny."""
    for name in ENGINES:
        module = tmp_path / "root" / "native" / name
        module.mkdir(parents=True)
        (module / "go.mod").write_text(f"module {name}\n\ngo 1.26\n")
    return tmp_path / "root"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the engines that were compiled; no compiler runs."""
    names: list[str] = []

    def compile_engine(go, engine, module, into, cache, progress) -> None:
        names.append(engine.name)
        for binary in engine.binaries:
            (into / binary.name).write_text("program")

    monkeypatch.setattr(build, "compile_engine", compile_engine)
    monkeypatch.setattr(build, "find_toolchain", lambda root: Toolchain("1.26.6", Path("/go")))
    monkeypatch.setattr(build, "DISK_NEEDED", 0)
    return names


def test_an_engine_is_built_once(root: Path, tmp_path: Path, compiled: list[str]) -> None:
    said: list[str] = []
    first = ensure_engines(["prometheus"], root, tmp_path / "cache", said.append)
    assert sorted(first) == ["prometheus", "promtool"]
    assert first["promtool"].read_text() == "program"
    assert compiled == ["prometheus"]
    said.clear()
    assert ensure_engines(["prometheus"], root, tmp_path / "cache", said.append) == first
    assert compiled == ["prometheus"]
    assert said == []


def test_a_moved_pin_and_another_compiler_build_anew(root: Path, tmp_path: Path) -> None:
    def folder(go_version: str = "1.26.6") -> Path:
        return engine_folder(ENGINES["loki"], go_version, root, tmp_path)

    before = folder()
    assert folder("1.27.0") != before
    (root / "native/loki/go.sum").write_text("sums\n")
    assert folder() != before
    shutil.copytree(root, tmp_path / "elsewhere")
    assert engine_folder(ENGINES["loki"], "1.26.6", tmp_path / "elsewhere", tmp_path) == folder()


def test_a_build_that_was_killed_leaves_nothing_that_passes_for_an_engine(
    root: Path, tmp_path: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(go, engine, module, into, cache, progress) -> None:
        (into / "loki").write_text("half of i")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(build, "compile_engine", killed)
        with pytest.raises(KeyboardInterrupt):
            ensure_engines(["loki"], root, tmp_path / "cache", print)
    (tmp_path / "cache/engines/loki/.building-by-a-killed-process").mkdir()
    binaries = ensure_engines(["loki"], root, tmp_path / "cache", print)
    assert binaries["loki"].read_text() == "program"
    left = [path.name for path in (tmp_path / "cache/engines/loki").iterdir()]
    assert not [name for name in left if name.startswith(".building")]


def test_two_checkouts_that_start_at_once_build_once(
    root: Path, tmp_path: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, go_on = threading.Event(), threading.Event()
    quick = build.compile_engine

    def slow(*arguments: object) -> None:
        under_way.set()
        assert go_on.wait(10)
        quick(*arguments)

    monkeypatch.setattr(build, "compile_engine", slow)
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if "another checkout" in line:
            go_on.set()

    arguments = (["jaeger"], root, tmp_path / "cache", say)
    first = threading.Thread(target=ensure_engines, args=arguments)
    first.start()
    assert under_way.wait(10)
    ensure_engines(*arguments)
    first.join()
    assert compiled == ["jaeger"]


def test_a_disk_that_is_too_small_is_told_before_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "DISK_NEEDED", 10**18)
    with pytest.raises(NativeError, match="TURNSCOPE_CACHE"):
        check_disk(tmp_path, 1, 5)


def test_a_failed_build_shows_the_last_lines_and_what_to_do() -> None:
    message = failure("loki", ["go: x: dial tcp 10.0.0.1:443: i/o timeout"])
    assert "dial tcp" in message
    assert "GOPROXY" in message
    assert "Free some disk" in failure("loki", ["write /tmp/x: no space left on device"])
    assert "Do not go on" in failure("loki", ["verifying x@v1: checksum mismatch"])
    assert "make up" in failure("loki", ["undefined: y"])


def test_the_users_go_settings_do_not_change_what_is_built(tmp_path: Path) -> None:
    inherited = {"HOME": str(tmp_path), "GOFLAGS": "-mod=vendor", "GOPROXY": "https://mirror"}
    environment = go_environment(inherited, tmp_path / "cache")
    assert environment["GOFLAGS"] == ""
    assert environment["GOPROXY"] == "https://mirror"
    assert environment["CGO_ENABLED"] == "0"
    assert "GOMODCACHE" not in environment


def test_without_a_home_go_keeps_its_caches_beside_the_engines(tmp_path: Path) -> None:
    environment = go_environment({"HOME": "/nonexistent"}, tmp_path)
    assert environment["GOMODCACHE"] == str(tmp_path / "go/mod")
    assert environment["GOCACHE"] == str(tmp_path / "go/build")
    chosen = go_environment({"HOME": "/nonexistent", "GOMODCACHE": "/modules"}, tmp_path)
    assert chosen["GOMODCACHE"] == "/modules"


def test_packages_that_go_names_are_counted_and_its_complaints_are_not() -> None:
    steps: list[tuple[str, int, int | None]] = []

    class Steps:
        def step(self, phase: str, done: int, total: int | None) -> None:
            steps.append((phase, done, total))

    counter = Counter("compiling packages", Steps(), 2)
    for line in ("golang.org/x/sys/unix", "# golang.org/x/sys", "x.go:3:1: undefined: y", "fmt"):
        counter.line(line)
    assert [done for _, done, _ in steps] == [1, 1, 1, 2]


def test_a_log_gets_a_line_of_progress_every_fifteen_seconds() -> None:
    time = [0.0]
    said: list[str] = []
    progress = LineProgress("loki", said.append, lambda: time[0])
    for second in range(40):
        time[0] = float(second)
        progress.step("compiling packages", second, 100)
    assert said == [
        "loki: compiling packages 15 of 100, 15 s",
        "loki: compiling packages 30 of 100, 30 s",
    ]


def test_jaeger_is_not_built_where_a_tempo_is_at_hand() -> None:
    assert "jaeger" in engines_for("jaeger")
    assert "jaeger" not in engines_for("tempo")


def test_every_engine_has_a_module_in_the_checkout() -> None:
    modules = {path.parent.name for path in (ROOT / "native").glob("*/go.mod")}
    assert modules == set(ENGINES)
    for name in ENGINES:
        assert (ROOT / "native" / name / "go.sum").stat().st_size > 0
