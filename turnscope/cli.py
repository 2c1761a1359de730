"""The command line: `turnscope <command>`, or `make <command>`.

Exit codes: 0 done, 1 a check failed, 2 wrong use.
"""

from __future__ import annotations

import os
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from turnscope.deployment.endpoints import Endpoints
from turnscope.deployment.secrets import SecretsError, load_secrets, read_secrets

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Observability for conversational assistants.",
)
console = Console(highlight=False)


def root() -> Path:
    """The checkout: TURNSCOPE_ROOT, else the folder this package was installed from."""
    return Path(os.environ.get("TURNSCOPE_ROOT") or Path(__file__).resolve().parents[1])


def endpoints() -> Endpoints:
    """Addresses from the environment (Compose mode), else those of this checkout's native mode."""
    if "GATEWAY_URL" in os.environ:
        return Endpoints()  # type: ignore[call-arg]  # the environment fills it
    from turnscope.native.state import running_endpoints

    return running_endpoints(root())


def client_key() -> str:
    """The key of ordinary clients."""
    return os.environ.get("GATEWAY_API_KEY") or read_secrets(root()).get("GATEWAY_API_KEY", "")


def load_key() -> str:
    """The key of replays and load generators."""
    return os.environ.get("GATEWAY_LOAD_KEY") or read_secrets(root()).get("GATEWAY_LOAD_KEY", "")


def seconds_of(text: str) -> float:
    """`90s`, `15m`, `2h` or `1d` in seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text)
    if not found:
        raise typer.BadParameter(f"{text!r} is no length of time: expected such as 90s, 15m, 2h")
    return float(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[found[2]]


def moment_of(text: str | None) -> float | None:
    """An RFC 3339 time in seconds since the Unix epoch; without a zone it is local time."""
    try:
        return datetime.fromisoformat(text).timestamp() if text else None
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no time: expected such as 2026-11-22T14:05:00Z"
        ) from None


@app.command()
def up() -> None:
    """Set everything up, start it and wait until each part answers (native mode)."""
    from turnscope.native.examination import run_doctor
    from turnscope.native.lifecycle import up as start

    raise typer.Exit(run_doctor(root(), console, only_problems=True) or start(root(), console))


@app.command()
def down() -> None:
    """Stop everything; data stays (native mode)."""
    from turnscope.native.lifecycle import down as stop

    raise typer.Exit(stop(root(), console))


@app.command()
def status() -> None:
    """Each part and whether it answers (native mode)."""
    from turnscope.native.lifecycle import status as show

    raise typer.Exit(show(root(), console))


@app.command()
def logs(
    service: Annotated[
        str, typer.Argument(help="Part whose log is shown; `status` lists them.")
    ] = "",
    follow: Annotated[bool, typer.Option(help="Go on as lines come.")] = False,
) -> None:
    """The newest log lines of one part, or of all (native mode)."""
    from turnscope.native.lifecycle import logs as show

    raise typer.Exit(show(root(), service, follow, console))


@app.command()
def reset(
    force: Annotated[bool, typer.Option(help="Do not ask.")] = False,
) -> None:
    """Stop everything and delete its data (native mode)."""
    from turnscope.native.lifecycle import reset as clear

    if not force and not typer.confirm(
        "Delete all stored conversations, traces, logs and metrics?"
    ):
        raise typer.Exit(1)
    raise typer.Exit(clear(root(), console))


@app.command()
def doctor() -> None:
    """Look at the machine: ports, disk, memory, registries (native mode)."""
    from turnscope.native.examination import run_doctor

    raise typer.Exit(run_doctor(root(), console))


@app.command()
def password() -> None:
    """Print the generated passwords and keys that a person needs."""
    secrets = load_secrets(root())
    console.print(f"Grafana   admin / {secrets['GRAFANA_PASSWORD']}")
    console.print(f"Gateway   Authorization: Bearer {secrets['GATEWAY_API_KEY']}")


@app.command()
def say(
    message: Annotated[str, typer.Argument(help="What the user says.")],
    session: Annotated[str | None, typer.Option(help="Session to go on with.")] = None,
    model: Annotated[
        str | None, typer.Option(help="smollm2, scripted or an upstream's name.")
    ] = None,
) -> None:
    """Send one turn; print reply, session, turn and trace id."""
    from turnscope.load.say import run_say

    raise typer.Exit(run_say(endpoints(), client_key(), message, session, model, console))


@app.command()
def chat(
    model: Annotated[
        str | None, typer.Option(help="smollm2, scripted or an upstream's name.")
    ] = None,
) -> None:
    """Hold a conversation in the terminal."""
    from turnscope.load.chat import run_chat

    raise typer.Exit(run_chat(endpoints(), client_key(), model, console))


@app.command()
def walk(
    trace: Annotated[
        str | None, typer.Option(help="Trace id; default: the slowest exemplar.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """From a number to its trace to its log lines."""
    from turnscope.diagnose.walk import run_walk

    raise typer.Exit(run_walk(endpoints(), trace, console, as_json=json))


@app.command()
def audit(
    since: Annotated[str, typer.Option(help="How far back, such as 15m or 2h.")] = "15m",
    start: Annotated[str | None, typer.Option(help="Start of the window, RFC 3339.")] = None,
    end: Annotated[str | None, typer.Option(help="End of the window, RFC 3339.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare turns answered, counted, logged and traced."""
    from turnscope.diagnose.audit import AuditTimes, run_audit

    where = endpoints()
    times = AuditTimes(seconds_of(since), moment_of(start), moment_of(end))
    raise typer.Exit(
        run_audit(where, times, console, sampling_percent=where.sampling_percent, as_json=json)
    )


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="Recorded conversations, JSON lines or .gz.")],
    session: Annotated[
        str | None, typer.Option(help="Which session of the file; not needed where it has one.")
    ] = None,
    model: Annotated[str, typer.Option(help="Model that words the answers.")] = "scripted",
) -> None:
    """Send a recorded conversation through the gateway as one session."""
    from turnscope.load.replay import run_replay
    from turnscope.stores import open_stores

    where = endpoints()
    with open_stores(where) as stores:
        raise typer.Exit(run_replay(where, load_key(), file, session, stores, console, model=model))


@app.command()
def ship(
    file: Annotated[str, typer.Argument(help="JSON log lines to follow; - for standard input.")],
    mapping: Annotated[Path | None, typer.Option(help="Names of fields, YAML.")] = None,
    service: Annotated[str | None, typer.Option(help="The bot's service.name.")] = None,
    once: Annotated[bool, typer.Option(help="End at the end of the file.")] = False,
) -> None:
    """Follow the log of a bot that imports nothing of ours and send it to Loki."""
    from turnscope.instrument import TelemetrySettings
    from turnscope.ship import run_ship

    key = os.environ.get("TURNSCOPE_PSEUDONYM_KEY") or read_secrets(root()).get(
        "TURNSCOPE_PSEUDONYM_KEY", ""
    )
    settings = TelemetrySettings(pseudonym_key=key)
    raise typer.Exit(
        run_ship(endpoints(), file, mapping, service, once, console, settings=settings)
    )


def main() -> None:
    """Run the command line; known errors become one sentence."""
    try:
        app()
    except SecretsError as error:
        console.print(f"turnscope: {error}", style="red", soft_wrap=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
