"""`turnscope chat`: a conversation in the terminal, tokens as they come."""

from collections.abc import Callable

import httpx
from rich.console import Console

from turnscope.load.answers import Answer, GatewayError
from turnscope.load.gateway_client import GatewayClient, HasGateway
from turnscope.load.plain import say
from turnscope.load.say import print_details

HELP = "/thumbs up|down rates the last answer, /trace shows its ids, /end or /quit ends."


class Conversation:
    """One session at the terminal. `last` is the newest answer, None before the first."""

    def __init__(self, gateway: GatewayClient, model: str | None, console: Console) -> None:
        self.gateway = gateway
        self.model = model
        self.console = console
        self.session_id: str | None = None
        self.last: Answer | None = None

    def take(self, line: str) -> bool:
        """Do what the line asks; False when the conversation is over."""
        words = line.split()
        if not words:
            return True
        if words[0] in {"/end", "/quit", "/exit"}:
            return False
        if words[0] == "/thumbs":
            self._rate(words[1] if len(words) > 1 else "")
        elif words[0] == "/trace" and self.last is not None:
            print_details(self.last, self.console)
        elif words[0].startswith("/"):
            self._note(HELP)
        else:
            return self._send(line)
        return True

    def end(self) -> int:
        """End the session at the gateway and tell how it went."""
        if self.session_id is None:
            return 0
        try:
            outcome = self.gateway.end(self.session_id)
        except GatewayError as error:
            self._note(f"The session stays open. {error}")
            return 1
        self._note(f"Session {self.session_id} ended: {outcome or 'no outcome'}.")
        return 0

    def _send(self, line: str) -> bool:
        shown = False
        try:
            choices = {"session_id": self.session_id, "model": self.model}
            for piece in self.gateway.stream(line, **choices):
                if isinstance(piece, Answer):
                    self._keep(piece, shown)
                else:
                    shown = True
                    say(self.console, piece, end="")
        except GatewayError as error:
            if shown:
                self.console.print()
            self._note(str(error))
        if self.last is not None and self.last.ends_session:
            self._note(f"The assistant ended session {self.session_id}: {self.last.outcome}.")
            self.session_id = None
            return False
        return True

    def _keep(self, answer: Answer, shown: bool) -> None:
        self.last, self.session_id = answer, answer.session_id
        say(self.console, "" if shown else answer.reply)
        degraded = ", degraded" if answer.degraded else ""
        self._note(f"{answer.latency_ms:.0f} ms{degraded}, trace {answer.trace_id}")

    def _rate(self, thumbs: str) -> None:
        if thumbs not in {"up", "down"} or self.last is None:
            self._note("/thumbs up or /thumbs down, after an answer.")
            return
        try:
            self.gateway.feedback(self.last.session_id, turn_id=self.last.turn_id, thumbs=thumbs)
        except GatewayError as error:
            self._note(str(error))
        else:
            self._note(f"Thumbs {thumbs} kept.")

    def _note(self, sentence: str) -> None:
        say(self.console, sentence, style="dim")


def run_chat(
    endpoints: HasGateway,
    key: str,
    model: str | None,
    console: Console,
    *,
    ask: Callable[[], str] | None = None,
    transport: httpx.BaseTransport | None = None,
) -> int:
    """Talk until /end, /quit, Ctrl-C or end of input, then end the session; 1 if that failed."""
    question = ask or (lambda: console.input("[bold]you>[/bold] "))
    with GatewayClient(endpoints.gateway_url, key, transport=transport) as gateway:
        conversation = Conversation(gateway, model, console)
        say(console, HELP, style="dim")
        try:
            while conversation.take(question()):
                pass
        except (KeyboardInterrupt, EOFError):
            console.print()
        return conversation.end()
