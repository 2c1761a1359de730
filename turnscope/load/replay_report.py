"""What a replay sent, beside what came back and what the stores hold."""

from dataclasses import dataclass, field

from rich.console import Console

from turnscope.load.answers import Answer
from turnscope.load.arrival import Arrived
from turnscope.load.plain import say
from turnscope.load.transcripts import Transcript


@dataclass
class Replayed:
    """What went out and what came back. `sent` holds the turn ids in order."""

    session_id: str | None = None
    sent: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    ended_by_assistant: str | None = None


def report_replay(
    transcript: Transcript, done: Replayed, arrived: Arrived, console: Console
) -> int:
    """Print the figures; 0 when they are the same, 1 with the turns that lack something."""
    unsent = len([turn for turn in transcript.user_turns if turn.text.strip()]) - len(done.sent)
    if unsent and done.ended_by_assistant:
        say(
            console,
            f"The assistant ended the session ({done.ended_by_assistant}) before the recording "
            f"did: {unsent} user turns were not sent.",
        )
    answered = [answer for answer in done.answers if not answer.failed]
    events = len(arrived.turn_ids) + arrived.doubled
    rows = {
        "replayed": f"{transcript.session_id} as session {done.session_id}",
        "user turns sent": str(len(done.sent)),
        "turns answered": str(len(answered)),
        "events": str(events),
        "traces": str(len(arrived.trace_ids)),
        "waited": f"{arrived.seconds:.1f} s",
    }
    for name, value in rows.items():
        say(console, f"{name:<17}{value}")
    if arrived.trouble:
        say(console, arrived.trouble)
    same = len(done.sent) == len(answered) == events == len(arrived.trace_ids)
    if not same:
        for answer in done.answers:
            lacks = _lacking(answer, arrived)
            if lacks:
                say(console, f"turn {answer.turn_index} ({answer.turn_id}): {lacks}")
        say(console, "The figures differ.")
    return 0 if same else 1


def _lacking(answer: Answer, arrived: Arrived) -> str:
    lacks = ["failed"] if answer.failed else []
    if answer.turn_id not in arrived.turn_ids:
        lacks.append("no event")
    if answer.trace_id not in arrived.trace_ids:
        lacks.append(f"no trace {answer.trace_id}")
    return ", ".join(lacks)
