import gzip

import httpx
import pytest

from turnscope.ship.collector import (
    BatchRefusedError,
    Collector,
    EndpointError,
    endpoint_from_environment,
    headers_from_environment,
)
from turnscope.ship.delivery import Delivery, GaveUpError
from turnscope.ship.progress import Progress
from turnscope.ship.records import Record

pytestmark = pytest.mark.unit

URL = "http://127.0.0.1:4318/v1/logs"


class Stop:
    """Counts the pauses instead of making them; `after` of them it is set."""

    def __init__(self, after=1000):
        self.pauses = []
        self.after = after

    def wait(self, seconds):
        self.pauses.append(seconds)
        return len(self.pauses) >= self.after


def records_of(*bodies):
    return [Record(number, 9, body) for number, body in enumerate(bodies, 1)]


@pytest.fixture
def deliver(collector, console):
    def deliver(records, stop=None, **more):
        client = Collector(URL, {"service.name": "bot"}, transport=collector.transport)
        deliver.progress = Progress("bot.log", console)
        return Delivery(client, deliver.progress, stop or Stop(), **more).deliver(records)

    return deliver


def test_a_batch_goes_out_packed_and_with_its_service(deliver, collector):
    assert deliver(records_of("one", "two"))
    assert collector.bodies == ["one", "two"]
    assert collector.resources == [{"service.name": "bot"}]
    assert collector.requests[0].headers["content-type"] == "application/x-protobuf"


def test_a_collector_that_is_away_is_waited_for_longer_and_longer(deliver, collector, said):
    collector.answers = [httpx.ConnectError("refused")] * 7
    stop = Stop()
    assert deliver(records_of("one"), stop)
    assert stop.pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]
    assert said().splitlines() == [
        f"The collector at {URL} is away; make status shows the stack. "
        "Lines wait in the file; nothing is lost.",
        "The collector takes records again.",
    ]


def test_a_resent_batch_is_the_same_to_the_byte(deliver, collector):
    collector.answers = [httpx.Response(503), httpx.ReadTimeout("slow"), httpx.Response(429)]
    assert deliver(records_of("one", "two"))
    assert len({request.content for request in collector.requests}) == 1
    assert len(collector.requests) == 4


def test_the_wait_that_the_collector_asks_for_is_kept_within_reason(deliver, collector):
    collector.answers = [
        httpx.Response(429, headers={"retry-after": "3"}),
        httpx.Response(429, headers={"retry-after": "7200"}),
    ]
    stop = Stop()
    assert deliver(records_of("one"), stop)
    assert stop.pauses == [3.0, 15.0]


def test_one_spoilt_record_does_not_take_its_batch_along(deliver, collector, said):
    collector.spoilt = {"c"}
    assert deliver(records_of(*"abcdefg"))
    assert collector.bodies == list("abdefg")
    assert deliver.progress.refused == 1
    assert said() == "The collector refuses a record: a record is spoilt.\n"


def test_records_that_the_collector_refuses_within_a_batch_are_counted(deliver, collector):
    partial = bytes([0x0A, 0x02, 0x08, 0x03])  # partial_success { rejected_log_records: 3 }
    collector.answers = [httpx.Response(200, content=partial)]
    assert deliver(records_of(*"abcdefg"))
    assert deliver.progress.refused == 3


def test_a_wrong_address_loses_nothing(deliver, collector, said):
    collector.answers = [httpx.Response(404, text="no such page")] * 3
    assert deliver(records_of("one"))
    assert collector.bodies == ["one"]
    assert f"The collector at {URL} answers 404: no such page." in said()


def test_what_answers_like_a_web_page_is_no_collector(deliver, collector):
    collector.answers = [httpx.Response(200, text="<html>hello</html>")]
    assert deliver(records_of("one"))
    assert collector.bodies == ["one"]


def test_a_stop_ends_the_waiting(deliver, collector):
    collector.answers = [httpx.ConnectError("refused")] * 9
    assert not deliver(records_of("one"), Stop(after=2))


def test_patience_ends_the_waiting_with_the_last_word(deliver, collector):
    collector.answers = [httpx.ConnectError("refused")] * 9
    ticks = iter(range(0, 1000, 10))
    with pytest.raises(GaveUpError, match="is away"):
        deliver(records_of("one"), patience_seconds=30.0, clock=lambda: next(ticks))


@pytest.mark.parametrize(
    "address", ["collector:4317", "127.0.0.1:4318", "http://host:port", "http://"]
)
def test_an_address_that_is_none_is_one_sentence(monkeypatch, address):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
    with pytest.raises(EndpointError, match="an address such as"):
        endpoint_from_environment()


def test_a_refusal_carries_its_reason(collector):
    collector.answers = [httpx.Response(400, text="bad\n  bytes.")]
    with pytest.raises(BatchRefusedError, match=r"^bad bytes$"):
        Collector(URL, {}, transport=collector.transport).send(records_of("one"))


def test_the_environment_names_the_collector(monkeypatch):
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    assert endpoint_from_environment() == URL
    assert endpoint_from_environment("http://stack:1/") == "http://stack:1/v1/logs"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://far:4318")
    assert endpoint_from_environment("http://stack:1") == "http://far:4318/v1/logs"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://logs/x")
    assert endpoint_from_environment("http://stack:1") == "http://logs/x"


def test_headers_of_the_environment_go_along(monkeypatch, collector):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20k, x-tenant=a,,")
    assert headers_from_environment() == {"Authorization": "Bearer k", "x-tenant": "a"}
    headers = headers_from_environment()
    Collector(URL, {}, headers=headers, transport=collector.transport).send(records_of("one"))
    assert collector.requests[0].headers["authorization"] == "Bearer k"
    assert gzip.decompress(collector.requests[0].content)
