"""Runs `go`, follows what it says and explains why it failed."""

from __future__ import annotations

import queue
import re
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from turnscope.native.errors import NativeError
from turnscope.native.progress import Progress

_LAST_LINES = 20


class Counter:
    """Counts the lines that are progress."""

    def __init__(self, phase: str, progress: Progress, total: int | None = None) -> None:
        self._phase, self._progress, self._total = phase, progress, total
        self._done = 0

    def line(self, line: str) -> None:
        """A line of go's: a package that is done, a download, or a complaint."""
        if line.startswith("go: downloading ") or re.fullmatch(r"[\w.~/+-]+", line):
            self._done += 1
        self.tick()

    def tick(self) -> None:
        """Time has passed; a large package or the linker says nothing for half a minute."""
        finished = self._total is not None and self._done >= self._total
        self._progress.step("linking" if finished else self._phase, self._done, self._total)


def run_go(
    name: str,
    command: Sequence[str],
    module: Path,
    environment: Mapping[str, str],
    counter: Counter,
) -> str:
    """Standard output of `command`. Raises NativeError with the last lines of its other output."""
    last: deque[str] = deque(maxlen=_LAST_LINES)
    with (
        tempfile.TemporaryFile("w+") as output,
        subprocess.Popen(  # noqa: S603
            command, cwd=module, env=environment, stdout=output, stderr=subprocess.PIPE, text=True
        ) as process,
    ):
        try:
            for line in _lines(process):
                if line is None:
                    counter.tick()
                    continue
                last.append(line)
                counter.line(line)
        except BaseException:
            # Ctrl-C: go removes its work folder on SIGTERM, and its compilers end with it.
            process.terminate()
            raise
        if process.wait():
            raise NativeError(failure(name, last))
        output.seek(0)
        return output.read()


def _lines(process: subprocess.Popen[str]) -> Iterator[str | None]:
    """The lines of its standard error; None whenever a second has brought none."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read() -> None:
        for line in process.stderr or ():
            lines.put(line.rstrip())
        lines.put(None)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    while True:
        try:
            line = lines.get(timeout=1)
        except queue.Empty:
            yield None
            continue
        if line is None:
            reader.join()
            return
        yield line


_AGAIN = "then run `make up` again; what was built so far is kept."
_REMEDIES = (
    (r"no space left", f"Free some disk, {_AGAIN}"),
    (
        r"checksum mismatch|SECURITY ERROR",
        "A module is not the one that was pinned. Do not go on: check GOPROXY, and if a cache was "
        "damaged, `go clean -modcache`.",
    ),
    (
        r"dial tcp|proxyconnect|i/o timeout|no such host|connection re",
        f"The Go module proxy was not reached: check the network and GOPROXY, {_AGAIN}",
    ),
    (r"signal: killed|cannot allocate memory", f"Out of memory: close something, {_AGAIN}"),
)


def failure(name: str, last: Iterable[str]) -> str:
    """The message for a failed build: go's last lines and what to do."""
    text = "\n".join(last)
    remedy = next(
        (remedy for pattern, remedy in _REMEDIES if re.search(pattern, text)),
        "Run `make up` again; what was built so far is kept.",
    )
    return f"building {name} failed. The last lines of go:\n{text}\n{remedy}"
