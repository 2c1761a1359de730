"""`turnscope say`: one turn, and the ids that lead to everything about it."""

import httpx
from rich.console import Console

from turnscope.load.answers import Answer, GatewayError
from turnscope.load.gateway_client import GatewayClient, HasGateway
from turnscope.load.plain import say


def run_say(
    endpoints: HasGateway,
    key: str,
    message: str,
    session_id: str | None,
    model: str | None,
    console: Console,
    *,
    transport: httpx.BaseTransport | None = None,
) -> int:
    """Send one message and print the reply with its ids; 1 when the turn failed, 2 when empty."""
    if not message.strip():
        say(console, "The message is empty: give some words, e.g. make say MSG='hello'.")
        return 2
    with GatewayClient(endpoints.gateway_url, key, transport=transport) as gateway:
        try:
            answer = gateway.chat(message, session_id=session_id, model=model)
        except GatewayError as error:
            say(console, str(error))
            return 1
    say(console, f"{answer.reply}\n", style="bold")
    print_details(answer, console)
    return 1 if answer.failed else 0


def print_details(answer: Answer, console: Console) -> None:
    """Print the ids whole and uncoloured: they are there to be copied or read by a script."""
    rows = {
        "session_id": answer.session_id,
        "turn_id": f"{answer.turn_id} (turn {answer.turn_index})",
        "trace_id": answer.trace_id,
        "latency": f"{answer.latency_ms:.0f} ms",
        "model": answer.model_name or "none",
        "tokens": str(answer.tokens_used),
        "intent": answer.intent or "none",
        "outcome": answer.turn_outcome + (f", session {answer.outcome}" if answer.outcome else ""),
        "degraded": "yes" if answer.degraded else "no",
    }
    for name, value in rows.items():
        say(console, f"{name:<11}{value}")
