import configparser
import json
import subprocess
import sys
from pathlib import Path

import pytest
from made_checkout import AWKWARD, make_checkout

from turnscope.native import launch
from turnscope.native.errors import NativeError
from turnscope.native.program import Program, Stage
from turnscope.native.supervisor_config import render_config, write_config

pytestmark = pytest.mark.unit


def parsed(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(inline_comment_prefixes=(";", "#"))
    parser.read_string(text)
    return parser


def test_no_secret_stands_in_what_the_supervisor_reads(tmp_path: Path) -> None:
    state = make_checkout(tmp_path).state
    program = Program("nlu", ("python",), tmp_path, {"NLU_KEY": AWKWARD})
    assert AWKWARD not in render_config(state, [program])


def test_no_path_above_the_state_folder_stands_in_it(tmp_path: Path) -> None:
    # Its syntax has no spelling for " #", and expands some values twice and others once (4.3.0).
    state = make_checkout(tmp_path / "50% off; #1").state
    text = render_config(state, [Program("nlu", ("python",), tmp_path)])
    assert "50%" not in text
    assert parsed(text)["program:nlu"]["command"].endswith(" programs/nlu.json")


def test_a_launcher_that_its_syntax_cannot_name_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/home/ada/my #1/bin/python")
    state = make_checkout(tmp_path).state
    with pytest.raises(NativeError, match="move the checkout") as caught:
        render_config(state, [Program("nlu", ("python",), tmp_path)])
    assert caught.value.exit_code == 2


def test_each_program_is_kept_alive_and_its_log_rotated(tmp_path: Path) -> None:
    state = make_checkout(tmp_path).state
    program = Program("loki", ("loki",), tmp_path, stop_wait_s=60)
    section = parsed(render_config(state, [program]))["program:loki"]
    assert section["autorestart"] == "true"
    assert section["stopwaitsecs"] == "60"
    assert section["stdout_logfile_maxbytes"] == "10MB"


def test_the_last_to_start_is_the_first_to_stop(tmp_path: Path) -> None:
    state = make_checkout(tmp_path).state
    programs = [Program(stage.name.lower(), ("x",), tmp_path, stage=stage) for stage in Stage]
    text = parsed(render_config(state, programs))
    order = [int(text[f"program:{program.name}"]["priority"]) for program in programs]
    assert order == sorted(order)
    assert len(set(order)) == len(order)


def test_a_changed_environment_changes_the_configuration(tmp_path: Path) -> None:
    state = make_checkout(tmp_path).state

    def rendered(value: str) -> str:
        return render_config(state, [Program("nlu", ("python",), tmp_path, {"NLU_X": value})])

    assert rendered("1") == rendered("1")
    assert rendered("1") != rendered("2")


def test_launch_files_are_private_and_those_of_old_programs_go(tmp_path: Path) -> None:
    state = make_checkout(tmp_path).state
    state.make()
    write_config(state, [Program("nlu", ("python",), tmp_path), Program("old", ("x",), tmp_path)])
    write_config(state, [Program("nlu", ("python",), tmp_path)])
    assert [path.name for path in state.programs.iterdir()] == ["nlu.json"]
    assert (state.programs / "nlu.json").stat().st_mode & 0o777 == 0o600
    assert state.supervisor_config.stat().st_mode & 0o777 == 0o600


def test_a_launched_program_gets_exactly_its_environment(tmp_path: Path) -> None:
    say = "import json, os; print(json.dumps([dict(os.environ), os.getcwd()]))"
    program = Program("nlu", (sys.executable, "-S", "-c", say), tmp_path, {"KEY": AWKWARD})
    file = tmp_path / "nlu.json"
    file.write_text(program.launch_file())
    done = subprocess.run(
        [sys.executable, "-S", launch.__file__, str(file)],
        capture_output=True,
        text=True,
        check=True,
        env={"SHELL_VARIABLE": "1"},
    )
    environment, folder = json.loads(done.stdout)
    assert environment.pop("LC_CTYPE", "C.UTF-8") == "C.UTF-8"  # Python's own, where none is set
    assert environment == {"KEY": AWKWARD, "TURNSCOPE_NAME": "nlu"}
    assert folder == str(tmp_path)
