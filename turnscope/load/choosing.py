"""Says what a transcript file lacks before anything is sent."""

from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from rich.console import Console

from turnscope.load.plain import say
from turnscope.load.transcripts import Transcript

EXAMPLES_SHOWN = 5
BAD_LINES_SHOWN = 10


def choose_session(transcript: Transcript, asked: str | None, file: Path, console: Console) -> bool:
    """True when the transcript holds a session to send; otherwise the reason has been printed."""
    reason = _why_not(transcript, asked, file)
    if reason:
        say(console, reason)
    return reason is None


def tell_bad_lines(transcript: Transcript, console: Console) -> None:
    """Name the lines that were passed over, the first ten of them one by one."""
    for bad in transcript.bad_lines[:BAD_LINES_SHOWN]:
        say(console, f"line {bad.line}: {bad.reason}")
    if transcript.bad_lines:
        say(console, f"{len(transcript.bad_lines):,} lines were passed over.")


def _why_not(transcript: Transcript, asked: str | None, file: Path) -> str | None:
    if not transcript.sessions:
        return f"{file} holds no turn: docs/session-format.md tells what a line looks like."
    if asked is None and len(transcript.sessions) > 1:
        return f"{file} holds several sessions, name one: {_examples(transcript)}."
    if not transcript.turns:
        close = get_close_matches(asked or "", list(transcript.sessions), n=EXAMPLES_SHOWN)
        names = ", ".join(close) if close else _examples(transcript)
        return f"{file} has no session {asked}; it has {names}."
    if not any(turn.text.strip() for turn in transcript.user_turns):
        return f"Session {transcript.session_id} has no user turn with text: nothing to send."
    return None


def _examples(transcript: Transcript) -> str:
    names = ", ".join(islice(transcript.sessions, EXAMPLES_SHOWN))
    rest = len(transcript.sessions) - EXAMPLES_SHOWN
    return f"{names} and {rest:,} more" if rest > 0 else names
