"""Cold and warm start of native mode, and memory after work (`make bench-start`).

A copy of this checkout is started with every cache empty, stopped, started again; then it answers
turns, traces are searched, and the resident memory of all its processes is read. Prints a table for
docs/benchmarks.md. `--warm` leaves the cold start out.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from turnscope.deployment.secrets import read_secrets  # noqa: E402
from turnscope.native.state import running_endpoints  # noqa: E402
from turnscope.stores import open_trace_store  # noqa: E402

OFFSET = 31_000
AT_ONCE = 16
SEARCHED_TRACES = 5000


def clone(folder: Path) -> Path:
    """The committed state of this checkout, as a newcomer would get it."""
    target = folder / "turnscope"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(target)], check=True)
    return target


def timed(checkout: Path, environment: dict[str, str], *words: str) -> float:
    """Seconds that a command of the checkout takes; its output is shown."""
    started = time.monotonic()
    subprocess.run(["make", *words], cwd=checkout, env=environment, check=True)
    return time.monotonic() - started


def answer_turns(count: int, url: str, key: str) -> float:
    """Turns a second, with the scripted model and no waiting."""
    started = time.monotonic()
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(headers=headers, timeout=60, trust_env=False) as client:

        def say(number: int) -> None:
            body = {"message": f"where is my order {1000 + number % 9000}?", "model": "scripted"}
            client.post(f"{url}/v1/chat", json=body).raise_for_status()
            if number % 1000 == 999:
                print(f"  {number + 1} turns", flush=True)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(say, range(count)))
    return count / (time.monotonic() - started)


def search(kind: str, url: str) -> int:
    """Root spans found in the newest part of the last hour, up to SEARCHED_TRACES."""
    store = open_trace_store(kind, url)
    end = time.time_ns()
    found = 0
    outcomes = {"conversation.turn.outcome": ("answered", "degraded", "failed")}
    for _ in store.search(end - 3600 * 10**9, end, outcomes, service="gateway"):
        found += 1
        if found == SEARCHED_TRACES:
            break
    store.close()
    return found


def resident_by_part(state: Path) -> dict[str, float]:
    """MB of resident memory by program, for every process that belongs to the checkout's stack."""
    sizes: dict[str, float] = {}
    for process in psutil.process_iter(["cmdline", "name", "memory_info", "environ"]):
        environment = process.info["environ"] or {}
        if environment.get("TURNSCOPE_STATE") != str(state):
            continue
        words = process.info["cmdline"] or [process.info["name"]]
        part = next((w.removeprefix("demo_services.") for w in words if "demo_services." in w), "")
        name = part or Path(words[0]).name
        sizes[name] = sizes.get(name, 0.0) + process.info["memory_info"].rss / 1e6
    return dict(sorted(sizes.items(), key=lambda pair: -pair[1]))


def main() -> int:
    """Run, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warm", action="store_true", help="use this machine's caches")
    parser.add_argument("--turns", type=int, default=20_000)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="turnscope-bench-"))
    state = folder / "state"
    environment = {
        **os.environ,
        "MODE": "native",
        "PORT_OFFSET": str(OFFSET),
        "DEMO_TRAFFIC": "off",
        "TURNSCOPE_STATE": str(state),
        "TURNSCOPE_SECRETS": str(folder / "secrets.env"),
    }
    if not options.warm:
        environment |= {
            "TURNSCOPE_CACHE": str(folder / "cache"),
            "XDG_CACHE_HOME": str(folder / "xdg"),
            "PIP_CACHE_DIR": str(folder / "pip"),
            "UV_CACHE_DIR": str(folder / "uv"),
            "GOMODCACHE": str(folder / "gomod"),
            "GOCACHE": str(folder / "gocache"),
        }
    checkout = clone(folder)
    try:
        cold = timed(checkout, environment, "up")
        timed(checkout, environment, "down")
        warm = timed(checkout, environment, "up")
        disk = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e9
        os.environ.update(environment)
        endpoints = running_endpoints(checkout)
        rate = answer_turns(
            options.turns, endpoints.gateway_url, read_secrets(checkout)["GATEWAY_LOAD_KEY"]
        )
        found = search(endpoints.traces_kind, endpoints.traces_url)
        memory = resident_by_part(state)
    finally:
        subprocess.run(["make", "reset", "FORCE=1"], cwd=checkout, env=environment)
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.platform()}\n")
    print("| what | measured |\n| --- | --- |")
    caches = "caches of the machine" if options.warm else "every cache empty"
    print(f"| first start, {caches} | {cold:.0f} s |")
    print(f"| later start | {warm:.0f} s |")
    print(f"| disk after both starts | {disk:.1f} GB |")
    print(f"| {options.turns} turns, {AT_ONCE} at once | {rate:.1f} turns/s |")
    print(f"| traces found by one search | {found} |")
    print(f"| resident memory after both | {sum(memory.values()):.0f} MB |")
    for name, size in memory.items():
        print(f"| - {name} | {size:.0f} MB |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
