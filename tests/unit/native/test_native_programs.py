import json
import re
from pathlib import Path

import pytest
from made_checkout import make_checkout

from turnscope.native.errors import NativeError
from turnscope.native.program import Program, Stage
from turnscope.native.programs import list_programs

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[3]
BINARIES = {
    name: Path(f"/engines/{name}")
    for name in ("otelcol", "jaeger", "prometheus", "alertmanager", "loki")
}


def programs(folder: Path, inherited: dict[str, str] | None = None, **settings: object) -> dict:
    checkout = make_checkout(folder, **settings)
    listed = list_programs(checkout, BINARIES, ["postgres"], inherited or {})
    return {program.name: program for program in listed}


def test_everything_runs_and_each_once(tmp_path: Path) -> None:
    assert sorted(programs(tmp_path)) == [
        "alertmanager",
        "collector",
        "demo_traffic",
        "dialog_manager",
        "gateway",
        "jaeger",
        "knowledge_base",
        "loki",
        "model_inference",
        "nlu",
        "postgres",
        "prometheus",
    ]


def test_demo_traffic_can_be_left_out(tmp_path: Path) -> None:
    assert "demo_traffic" not in programs(tmp_path, demo_traffic="off")


def test_a_tempo_on_path_takes_the_place_of_jaeger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tempo = tmp_path / "tempo-program" / "tempo"
    tempo.parent.mkdir()
    tempo.write_text("")
    tempo.chmod(0o755)
    monkeypatch.setenv("PATH", str(tempo.parent))
    listed = programs(tmp_path)
    assert "jaeger" not in listed
    assert listed["tempo"].command[0] == str(tempo)


def test_an_installed_grafana_runs_too(tmp_path: Path) -> None:
    (tmp_path / "grafana-13" / "bin").mkdir(parents=True)
    (tmp_path / "grafana-13" / "bin" / "grafana").write_text("")
    environment = programs(tmp_path, grafana_home=tmp_path / "grafana-13")["grafana"].environment
    assert environment["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"
    assert environment["TRACES_DATASOURCE_TYPE"] == "jaeger"


def test_a_grafana_home_without_grafana_is_named(tmp_path: Path) -> None:
    with pytest.raises(NativeError, match="has no bin/grafana") as caught:
        programs(tmp_path, grafana_home=tmp_path)
    assert caught.value.exit_code == 2


def test_no_part_listens_beyond_this_machine(tmp_path: Path) -> None:
    for program in programs(tmp_path).values():
        words = " ".join([*program.command, *program.environment.values()])
        assert "0.0.0.0" not in words
        for flag in program.command:
            if re.search(r"host-port=|listen-address=.", flag):
                assert re.search(r"=127\.0\.0\.1:\d+$", flag), flag
        hosts = {
            name: value
            for name, value in program.environment.items()
            if name.endswith(("_HOST", "_ADDRESS", "HTTP_ADDR"))
        }
        assert set(hosts.values()) <= {"127.0.0.1"}


def test_jaeger_opens_none_of_its_default_ports(tmp_path: Path) -> None:
    # Every listener of `jaeger --help` has a flag of its own here.
    flags = [flag for flag in programs(tmp_path)["jaeger"].command if "host-port" in flag]
    assert len(flags) == 11


def test_an_offset_moves_every_port_that_a_part_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ports_of(listed: dict[str, Program]) -> set[str]:
        text = json.dumps(
            [[program.command, dict(program.environment)] for program in listed.values()]
        )
        return set(re.findall(r"127\.0\.0\.1:([1-9]\d+)", text)) | {
            value
            for program in listed.values()
            for name, value in program.environment.items()
            if name.endswith("_PORT")
        }

    before = ports_of(programs(tmp_path))
    monkeypatch.setenv("PORT_OFFSET", "500")
    after = ports_of(programs(tmp_path))
    assert after == {str(int(port) + 500) for port in before}


def test_the_environment_of_a_shell_does_not_reach_the_programs(tmp_path: Path) -> None:
    inherited = {"SHLVL": "3", "LD_PRELOAD": "x.so", "TURNSCOPE_STATE": "/other", "HOME": "/root"}
    for program in programs(tmp_path, inherited).values():
        assert "SHLVL" not in program.environment
        assert "LD_PRELOAD" not in program.environment
        assert program.environment["TURNSCOPE_STATE"] == str(tmp_path / ".turnscope")


def test_what_a_user_sets_for_a_service_reaches_it(tmp_path: Path) -> None:
    inherited = {
        "MODEL_UPSTREAM_URL": "https://models.example",
        "KB_DELAY_MS": "80",
        "HTTPS_PROXY": "http://proxy.example:3128",
        "GATEWAY_PORT": "1",
    }
    listed = programs(tmp_path, inherited)
    model = listed["model_inference"].environment
    assert model["MODEL_UPSTREAM_URL"] == "https://models.example"
    assert model["HTTPS_PROXY"] == "http://proxy.example:3128"
    assert "127.0.0.1" in model["NO_PROXY"]
    assert listed["knowledge_base"].environment["KB_DELAY_MS"] == "80"
    # Addresses are not a matter of pass-through: neighbours are told the same one.
    assert listed["gateway"].environment["GATEWAY_PORT"] == "8000"


def test_the_knowledge_base_knows_nothing_of_telemetry(tmp_path: Path) -> None:
    inherited = {"OTEL_TRACES_SAMPLER": "always_on"}
    environment = programs(tmp_path, inherited)["knowledge_base"].environment
    assert not [name for name in environment if name.startswith("OTEL_")]
    assert not [name for name in environment if "KEY" in name or "DATABASE" in name]


def test_the_load_key_goes_to_gateway_and_traffic_alone(tmp_path: Path) -> None:
    key = make_checkout(tmp_path).secrets["GATEWAY_LOAD_KEY"]
    holders = {
        name for name, program in programs(tmp_path).items() if key in program.environment.values()
    }
    assert holders == {"gateway", "demo_traffic"}


def test_traffic_stops_before_services_and_services_before_the_collector(tmp_path: Path) -> None:
    listed = programs(tmp_path)
    assert listed["demo_traffic"].stage > listed["gateway"].stage > listed["collector"].stage
    assert listed["collector"].stage > listed["loki"].stage == Stage.STORE


def test_a_program_is_out_of_date_once_a_file_it_reads_changes(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "a.yml").write_text("1")
    program = Program("engine", ("engine",), tmp_path, reads=(config,))
    before = program.fingerprint()
    assert program.fingerprint() == before
    (config / "a.yml").write_text("2")
    changed = program.fingerprint()
    assert changed != before
    (config / "__pycache__").mkdir()
    (config / "__pycache__" / "x.pyc").write_bytes(b"x")
    assert program.fingerprint() == changed


def test_every_file_that_a_program_reads_is_in_the_checkout() -> None:
    checkout = make_checkout(ROOT)
    listed = list_programs(checkout, BINARIES, ["postgres"], {})
    for path in (path for program in listed for path in program.reads):
        if not path.is_relative_to(checkout.state.configs):
            assert path.exists(), path
    for program in listed:
        if program.command[1:2] == ("-m",):
            module = program.command[2].replace(".", "/")
            assert (ROOT / module).is_dir() or (ROOT / f"{module}.py").is_file()
