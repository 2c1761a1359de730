"""Server-sent events, the part of the format that the gateway uses."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    name: str
    data: str


def read_events(chunks: Iterable[bytes]) -> Iterator[Event]:
    """Yield the events; one without its closing blank line was cut off: dropped."""
    name, data = "message", list[str]()
    for line in _lines(chunks):
        if not line:
            if data:
                yield Event(name, "\n".join(data))
            name, data = "message", []
        elif not line.startswith(":"):
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Cut at line feeds alone: str.splitlines also cuts at U+2028, which JSON may hold."""
    kept = b""
    for chunk in chunks:
        *whole, kept = (kept + chunk).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace").removesuffix("\r")
