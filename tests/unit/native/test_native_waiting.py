from dataclasses import dataclass, field
from pathlib import Path

import pytest

from turnscope.native import waiting
from turnscope.native.errors import NativeError
from turnscope.native.program import Program
from turnscope.native.state import StateFolder
from turnscope.native.supervision import ProcessState

pytestmark = pytest.mark.unit


@dataclass
class Scripted:
    """A probe that answers what it was told, the last answer for ever."""

    answers: list[str]

    def missing(self) -> str:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@dataclass
class Supervisor:
    """Says of every program what it was told to say."""

    states: dict[str, str] = field(default_factory=dict)

    def processes(self) -> list[ProcessState]:
        return [
            ProcessState(name, state, 1, 0.0, "Exited too quickly" if state == "BACKOFF" else "")
            for name, state in self.states.items()
        ]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    time = [0.0]
    monkeypatch.setattr(waiting.time, "sleep", lambda s: time.__setitem__(0, time[0] + s))
    return time


def wait(
    folder: Path,
    clock: list[float],
    states: dict[str, str] | Supervisor,
    said: list[str],
    **answers: list[str],
) -> None:
    state = StateFolder(folder)
    state.make()
    programs = [
        Program(name, ("x",), folder, probe=Scripted(list(given)))
        for name, given in answers.items()
    ]
    supervisor = states if isinstance(states, Supervisor) else Supervisor(states)
    waiting.wait_for(programs, supervisor, state, 60.0, said.append, lambda: clock[0])


def test_it_returns_once_everything_answers(tmp_path: Path, clock: list[float]) -> None:
    said: list[str] = []
    states = {"loki": "RUNNING", "nlu": "RUNNING"}
    wait(tmp_path, clock, states, said, loki=["503", "503", ""], nlu=[""])
    assert clock[0] < 1
    assert said == []


def test_it_says_what_it_waits_for(tmp_path: Path, clock: list[float]) -> None:
    said: list[str] = []
    states = {"loki": "RUNNING", "nlu": "RUNNING"}
    wait(tmp_path, clock, states, said, loki=["503"] * 30 + [""], nlu=[""])
    assert said == ["waiting for loki (5 s)"]


def test_a_part_that_does_not_answer_is_named_with_its_last_words(
    tmp_path: Path, clock: list[float]
) -> None:
    log = StateFolder(tmp_path).logs / "nlu.log"
    log.parent.mkdir(parents=True)
    log.write_text("a\n" * 50 + "no such table\n")
    with pytest.raises(NativeError) as caught:
        wait(tmp_path, clock, {"nlu": "RUNNING"}, [], nlu=["/healthz says 503: no table"])
    message = str(caught.value)
    assert message.startswith("nlu does not answer: /healthz says 503")
    assert str(log) in message
    assert message.endswith("no such table")
    assert clock[0] >= 60


def test_a_part_that_keeps_ending_is_given_up_before_the_time_is(
    tmp_path: Path, clock: list[float]
) -> None:
    with pytest.raises(NativeError, match="Exited too quickly"):
        wait(tmp_path, clock, {"loki": "BACKOFF"}, [], loki=["refused"])
    assert clock[0] < 30


def test_the_next_try_of_a_part_that_keeps_ending_is_no_recovery(
    tmp_path: Path, clock: list[float]
) -> None:
    class Trying(Supervisor):
        def processes(self) -> list[ProcessState]:
            self.states["loki"] = "STARTING" if int(clock[0]) % 2 else "BACKOFF"
            return super().processes()

    with pytest.raises(NativeError, match="loki does not answer"):
        wait(tmp_path, clock, Trying(), [], loki=["refused"])
    assert clock[0] < 30


def test_an_answer_on_the_port_of_a_part_that_is_not_there_does_not_count(
    tmp_path: Path, clock: list[float]
) -> None:
    with pytest.raises(NativeError, match="loki does not answer"):
        wait(tmp_path, clock, {"loki": "BACKOFF"}, [], loki=[""])
