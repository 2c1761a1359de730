"""Recorded sessions in JSON lines, as docs/session-format.md describes them."""

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

SPEAKERS = ("user", "system")
# A line beyond this is no turn of a conversation; the bound keeps a wrong file out of memory.
LONGEST_LINE_BYTES = 1_000_000
MOST_SESSIONS_KEPT = 20_000
GZIP_MAGIC = b"\x1f\x8b"


class TranscriptError(Exception):
    """A file that cannot be read at all; the text is one sentence."""


@dataclass(frozen=True)
class RecordedTurn:
    """One line of the file. `number` only orders the turns; it may begin at 0 or 1."""

    session_id: str
    number: int
    speaker: str
    text: str
    line: int


@dataclass(frozen=True)
class BadLine:
    line: int
    reason: str


@dataclass
class Transcript:
    """What one pass over the file found: one session's turns in order, and everything amiss."""

    session_id: str | None
    turns: list[RecordedTurn] = field(default_factory=list)
    bad_lines: list[BadLine] = field(default_factory=list)
    sessions: dict[str, int] = field(default_factory=dict)

    @property
    def user_turns(self) -> list[RecordedTurn]:
        return [turn for turn in self.turns if turn.speaker == "user"]


def read_transcript(file: Path, session_id: str | None) -> Transcript:
    """Read one session of the file; `session_id` may be None where the file holds only one.

    A line that is no turn is kept as a BadLine. TranscriptError when the file cannot be opened or
    breaks off. `sessions` holds at most 20,000 ids with their number of turns.
    """
    found = Transcript(session_id)
    taken: dict[int, int] = {}
    for number, raw in _numbered_lines(file):
        if not raw.strip():
            continue
        turn = _read_turn(number, raw)
        if isinstance(turn, BadLine):
            found.bad_lines.append(turn)
            continue
        if turn.session_id in found.sessions or len(found.sessions) < MOST_SESSIONS_KEPT:
            found.sessions[turn.session_id] = found.sessions.get(turn.session_id, 0) + 1
        if found.session_id is None:
            found.session_id = turn.session_id
        if turn.session_id != found.session_id:
            continue
        if turn.number in taken:
            reason = f"turn {turn.number} stands on line {taken[turn.number]} already"
            found.bad_lines.append(BadLine(number, reason))
            continue
        taken[turn.number] = number
        found.turns.append(turn)
    found.turns.sort(key=lambda turn: turn.number)
    return found


def _numbered_lines(file: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with _opened(file) as stream:
            number = 0
            while raw := stream.readline(LONGEST_LINE_BYTES):
                number += 1
                yield number, raw
                while len(raw) == LONGEST_LINE_BYTES and not raw.endswith(b"\n"):
                    raw = stream.readline(LONGEST_LINE_BYTES)
    except FileNotFoundError as error:
        raise TranscriptError(f"There is no file {file}.") from error
    except IsADirectoryError as error:
        raise TranscriptError(
            f"{file} is a folder; a .jsonl or .jsonl.gz file is expected."
        ) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise TranscriptError(f"{file} is a damaged gzip file: {error}.") from error
    except OSError as error:
        raise TranscriptError(f"{file} cannot be read: {error.strerror}.") from error


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    """By content and not by name: files are renamed, and a .gz may arrive unpacked."""
    with file.open("rb") as plain:
        packed = plain.read(2) == GZIP_MAGIC
        plain.seek(0)
        if not packed:
            yield plain
            return
        with gzip.open(plain) as unpacked:
            yield unpacked  # type: ignore[misc]  # GzipFile is a reader of bytes


def _read_turn(line: int, raw: bytes) -> RecordedTurn | BadLine:
    if len(raw) >= LONGEST_LINE_BYTES:
        return BadLine(line, f"longer than {LONGEST_LINE_BYTES:,} bytes")
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError):
        return BadLine(line, "not JSON")
    if not isinstance(fields, dict):
        return BadLine(line, "not a JSON object")
    session_id, number = fields.get("session_id"), fields.get("turn")
    speaker, text = fields.get("speaker"), fields.get("text")
    if not isinstance(session_id, (str, int)) or isinstance(session_id, bool) or session_id == "":
        return BadLine(line, "no session_id")
    if not isinstance(number, int) or isinstance(number, bool):
        return BadLine(line, "turn is not a whole number")
    if speaker not in SPEAKERS:
        return BadLine(line, f"speaker is {speaker!r}, user or system is expected")
    if not isinstance(text, str):
        return BadLine(line, "text is not a string")
    return RecordedTurn(str(session_id), number, speaker, text, line)
