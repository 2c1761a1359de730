"""`turnscope replay`: a recorded session goes through the gateway again, and is then looked for."""

import re
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import httpx
from rich.console import Console

from turnscope.load.answers import Answer, GatewayError
from turnscope.load.arrival import WAIT_SECONDS, HasStores, await_arrival
from turnscope.load.choosing import choose_session, tell_bad_lines
from turnscope.load.gateway_client import GatewayClient, HasGateway
from turnscope.load.plain import say
from turnscope.load.replay_report import Replayed, report_replay
from turnscope.load.transcripts import RecordedTurn, TranscriptError, read_transcript

# The gateway refuses longer messages.
MESSAGE_LIMIT_CHARACTERS = 2000
TRIES = 6  # with pauses of 15 s in all
LONGEST_PAUSE_SECONDS = 15.0
# How far this machine's clock and that of the services may be apart.
CLOCK_SLACK_NS = 60_000_000_000


class Replayer:
    """Sends the user turns of one recorded session, in order, as one session of the gateway."""

    def __init__(
        self,
        gateway: GatewayClient,
        model: str,
        console: Console,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.gateway = gateway
        self.model = model
        self.console = console
        self.sleep = sleep

    def send(self, turns: list[RecordedTurn]) -> Replayed:
        """Send what has text; a turn the gateway refuses is told and passed over.

        Nothing is sent any more once the assistant has ended the session, as after a handoff.
        """
        done = Replayed()
        for turn in turns:
            text = self._fitting(turn)
            if text is None:
                continue
            # The id is made here, so that a repeated call can never become a second turn.
            turn_id = str(uuid.uuid4())
            done.sent.append(turn_id)
            try:
                answer = self._send_one(turn, text, turn_id, done.session_id)
            except GatewayError as error:
                self._say(f"Turn {turn.number} got no answer. {error}")
                if error.status is None:
                    break
                continue
            done.session_id = answer.session_id
            done.answers.append(answer)
            if answer.ends_session:
                done.ended_by_assistant = answer.outcome
                break
        return done

    def _send_one(
        self, turn: RecordedTurn, text: str, turn_id: str, session_id: str | None
    ) -> Answer:
        for tried in range(1, TRIES + 1):
            try:
                return self.gateway.chat(
                    text,
                    session_id=session_id,
                    turn_id=turn_id,
                    model=self.model,
                    source_id=as_source_id(turn.session_id),
                )
            except GatewayError as error:
                if tried == TRIES or not error.is_passing:
                    raise
                pause = error.retry_after or 0.25 * 2**tried
                self.sleep(min(pause, LONGEST_PAUSE_SECONDS))
        raise AssertionError("the last try returns or raises")

    def _fitting(self, turn: RecordedTurn) -> str | None:
        text = turn.text.strip()
        if not text:
            self._say(f"Turn {turn.number} (line {turn.line}) has no text and is not sent.")
            return None
        if len(text) > MESSAGE_LIMIT_CHARACTERS:
            self._say(
                f"Turn {turn.number} (line {turn.line}) has {len(text):,} characters; "
                f"the first {MESSAGE_LIMIT_CHARACTERS:,} are sent, more the gateway refuses."
            )
        return text[:MESSAGE_LIMIT_CHARACTERS]

    def _say(self, sentence: str) -> None:
        say(self.console, sentence)


def run_replay(
    endpoints: HasGateway,
    key: str,
    file: Path,
    session: str | None,
    stores: HasStores,
    console: Console,
    *,
    model: str = "scripted",
    wait_seconds: float = WAIT_SECONDS,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Replay one session of the file and compare what was sent with what the stores hold.

    0 when sent, answered, events and traces are the same number; 1 when they are not; 2 when the
    file or the session cannot be used.
    """
    session = session or None
    try:
        transcript = read_transcript(file, session)
    except TranscriptError as error:
        say(console, str(error))
        return 2
    tell_bad_lines(transcript, console)
    if not choose_session(transcript, session, file, console):
        return 2
    since_ns = time.time_ns() - CLOCK_SLACK_NS
    with GatewayClient(endpoints.gateway_url, key, transport=transport) as gateway:
        done = Replayer(gateway, model, console, sleep).send(transcript.user_turns)
        if done.session_id is None:
            return 1
        if done.ended_by_assistant is None:
            _end(gateway, done.session_id, console)
    arrived = await_arrival(
        stores,
        done.session_id,
        [answer.turn_id for answer in done.answers],
        [answer.trace_id for answer in done.answers],
        since_ns=since_ns,
        until_ns=lambda: time.time_ns() + CLOCK_SLACK_NS,
        wait_seconds=wait_seconds,
        sleep=sleep,
    )
    return report_replay(transcript, done, arrived, console)


def as_source_id(session_id: str) -> str:
    """A recorded session's id with the letters and the length that the gateway takes."""
    return re.sub(r"[^\w./:-]", "_", session_id, flags=re.ASCII)[:128]


def _end(gateway: GatewayClient, session_id: str, console: Console) -> None:
    try:
        gateway.end(session_id)
    except GatewayError as error:
        say(console, f"The session stays open. {error}")
