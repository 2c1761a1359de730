"""`turnscope say`: one turn, and the ids that lead to everything about it."""

import httpx
from rich.console import Console
from rich.markup import escape

from turnscope.load.answers import Answer, GatewayError
from turnscope.load.gateway_client import GatewayClient, HasGateway


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
        console.print("The message is empty: give some words, e.g. make say MSG='hello'.")
        return 2
    with GatewayClient(endpoints.gateway_url, key, transport=transport) as gateway:
        try:
            answer = gateway.chat(message, session_id=session_id, model=model)
        except GatewayError as error:
            console.print(escape(str(error)), soft_wrap=True)
            return 1
    console.print(f"[bold]{escape(answer.reply)}[/bold]\n", highlight=False)
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
        console.print(f"{name:<11}{escape(value)}", highlight=False, soft_wrap=True)
