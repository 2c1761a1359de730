"""The Loki client against a real Loki: nothing lost and nothing doubled over a page's end."""

import secrets
import time
from collections.abc import Iterator

import httpx
import pytest
from engine_binaries import binaries
from store_engines import loki
from waiting import eventually

from turnscope.stores.loki import Loki, where

# Loki may have to be compiled first.
pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

NS_PER_MS = 10**6
LINES = 6000
# Lines of one nanosecond; no divisor of a page's 5,000 lines.
TIES = 7


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with loki(binaries("loki")["loki"], tmp_path_factory.mktemp("loki")) as url:
        yield url


@pytest.fixture
def store(url: str) -> Iterator[Loki]:
    store = Loki(url)
    yield store
    store.close()


def push(url: str, lines: list[tuple[int, str, dict[str, str]]]) -> None:
    values = [[str(at), body, fields] for at, body, fields in lines]
    streams = {"streams": [{"stream": {"service_name": "gateway"}, "values": values}]}
    httpx.post(f"{url}/loki/api/v1/push", json=streams, trust_env=False).raise_for_status()


def test_more_lines_than_a_page_holds_come_once_each_and_are_counted_alike(
    url: str, store: Loki
) -> None:
    mark, start = secrets.token_hex(8), time.time_ns() - 20 * 10**9
    times = [start + number // TIES * NS_PER_MS for number in range(LINES)]
    turns = [{"turn_id": f"turn-{number}", "mark": mark} for number in range(LINES)]
    lines = [(at, "turn_finished", turn) for at, turn in zip(times, turns, strict=True)]
    for first in range(0, LINES, 2000):
        push(url, lines[first : first + 2000])
    query, end = where(mark=mark), times[-1] + 1

    def all_counted() -> bool:
        return store.count(query, start - NS_PER_MS, times[-1]) == LINES

    eventually(all_counted, "all lines in a count", 20)
    found = list(store.lines(query, start, end))

    assert sorted(line.labels["turn_id"] for line in found) == sorted(t["turn_id"] for t in turns)
    assert [line.timestamp_ns for line in found] == times
    # A count leaves its start out and has its end; lines are the other way round.
    assert store.count(query, start, start + NS_PER_MS) == TIES
    assert sum(1 for _ in store.lines(query, start, start + NS_PER_MS)) == TIES


def test_a_value_that_would_end_its_string_is_only_a_value(url: str, store: Loki) -> None:
    at, value = time.time_ns(), 'a"} | x="\\ `b`\n'
    push(url, [(at, "one", {"user": value}), (at, "two", {"user": "a"})])

    found = eventually(
        lambda: list(store.lines(where(user=value), at, at + 1)), "the line by its value", 20
    )
    assert [line.body for line in found] == ["one"]
