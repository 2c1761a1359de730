"""`turnscope ship`: wires a source, a mapping and a collector together."""

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

import httpx
from rich.console import Console
from rich.text import Text

from turnscope.instrument import Pseudonyms, TelemetrySettings
from turnscope.ship.collector import (
    Collector,
    EndpointError,
    endpoint_from_environment,
    headers_from_environment,
)
from turnscope.ship.delivery import Delivery, GaveUpError
from turnscope.ship.mapping import Mapping, MappingError, read_mapping
from turnscope.ship.position import StateError
from turnscope.ship.progress import Progress
from turnscope.ship.records import RecordMaker
from turnscope.ship.shipper import Shipper
from turnscope.ship.sources import STDIN, WrongUseError, open_source

# With `once`, how long a collector that is away is waited for.
PATIENCE_SECONDS = 60.0


class HasCollector(Protocol):
    """The part of the deployment's endpoints that shipping needs."""

    @property
    def collector_url(self) -> str: ...


def run_ship(
    endpoints: HasCollector | None,
    file: str,
    mapping: Path | None,
    service: str | None,
    once: bool,
    console: Console,
    *,
    settings: TelemetrySettings | None = None,
    state_folder: Path | None = None,
    stop: threading.Event | None = None,
    transport: httpx.BaseTransport | None = None,
    patience_seconds: float = PATIENCE_SECONDS,
) -> int:
    """Follow `file` ("-" is standard input) and ship its lines until Ctrl-C; once: to its end.

    OTEL_EXPORTER_OTLP_ENDPOINT wins over `endpoints`. 0 when all that was read is accepted; 1 when
    records were refused or the collector stayed away; 2 for wrong use.
    """
    settings = settings or TelemetrySettings()
    with ExitStack() as stack:
        try:
            rules = read_mapping(mapping)
            name = _service_name(service, rules, file)
            _require_key(settings)
            url = endpoint_from_environment(endpoints.collector_url if endpoints else None)
            stopped = stop or stack.enter_context(_stop_on_signals())
            progress = Progress(file, console)
            opened = open_source(
                file,
                once=once or file == STDIN,
                tell=progress.tell,
                state_folder=state_folder,
                stack=stack,
            )
        except (EndpointError, MappingError, StateError, WrongUseError) as error:
            console.print(Text(str(error)), soft_wrap=True)
            return 2
        collector = Collector(
            url,
            {"service.name": name, "deployment.environment.name": settings.environment},
            headers=headers_from_environment(),
            transport=transport,
        )
        stack.callback(collector.close)
        patience = patience_seconds if once else None
        shipper = Shipper(
            opened.source,
            RecordMaker(
                opened.name, name, rules, Pseudonyms(settings.pseudonym_key), texts=settings.texts
            ),
            Delivery(collector, progress, stopped, patience_seconds=patience),
            opened.keep,
            progress,
            stopped,
            pending=opened.pending,
        )
        return _run(shipper, progress, once or file == STDIN)


def _run(shipper: Shipper, progress: Progress, once: bool) -> int:
    trouble = None
    with progress:
        try:
            shipper.run(once=once)
        except GaveUpError as error:
            trouble = f"{error} The rest is shipped when you run this again."
        except StateError as error:
            trouble = str(error)
    progress.finish()
    if trouble:
        progress.tell(trouble)
    return 1 if trouble or progress.refused else 0


def _service_name(service: str | None, rules: Mapping, file: str) -> str:
    name = service or rules.service or (Path(file).name.split(".")[0] if file != STDIN else None)
    if not name:
        raise WrongUseError("Whose log is it? Name the bot: --service my-bot.")
    return name


def _require_key(settings: TelemetrySettings) -> None:
    if not settings.pseudonym_key:
        raise WrongUseError(
            "TURNSCOPE_PSEUDONYM_KEY is not set, and without a key no user has a lasting "
            "pseudonym; take the one in .secrets.env, or any long random text that you keep."
        )


@contextmanager
def _stop_on_signals() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set; a second one of them does what it always did."""
    stop = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}

    def set_it(number: int, frame: object) -> None:
        stop.set()
        for each in numbers:
            signal.signal(each, before[each])

    for number in numbers:
        signal.signal(number, set_it)
    try:
        yield stop
    finally:
        for number in numbers:
            signal.signal(number, before[number])
