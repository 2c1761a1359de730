from typing import Any

import pytest
from answers import URL, Answers

from turnscope.stores.prometheus import Prometheus

pytestmark = pytest.mark.unit

TURNS = {"__name__": "conversation_turns_total", "service_name": "gateway", "outcome": "answered"}


def client(result: Any, kind: str = "vector") -> tuple[Prometheus, Answers]:
    data = result if kind == "exemplars" else {"resultType": kind, "result": result}
    answers = Answers(lambda path, params: {"status": "success", "data": data})
    return Prometheus(URL, answers.transport), answers


def test_an_instant_query_gives_one_sample_a_series() -> None:
    prometheus, answers = client([{"metric": TURNS, "value": [1731.5, "12"]}])
    (sample,) = prometheus.instant("conversation_turns_total", at=1731.5)
    assert (sample.labels, sample.at, sample.value) == (TURNS, 1731.5, 12.0)
    assert answers.asked == [
        ("/api/v1/query", {"query": "conversation_turns_total", "time": "1731.500"})
    ]


def test_a_scalar_is_a_sample_without_labels() -> None:
    prometheus, _ = client([1731.5, "3"], "scalar")
    (sample,) = prometheus.instant("scalar(x)")
    assert (sample.labels, sample.value) == ({}, 3.0)


def test_raw_samples_are_asked_as_a_matrix_and_lie_after_the_start() -> None:
    values = [[100, "1"], [102, "1"], [104, "2"]]
    prometheus, answers = client([{"metric": TURNS, "values": values}], "matrix")
    (series,) = prometheus.raw("conversation_turns_total", 100, 110.5)
    assert series.points == ((102.0, 1.0), (104.0, 2.0))
    asked = {"query": "conversation_turns_total[10500ms]", "time": "110.500"}
    assert answers.asked == [("/api/v1/query", asked)]


def test_a_range_query_tells_its_step() -> None:
    prometheus, answers = client([{"metric": {}, "values": [[0, "NaN"]]}], "matrix")
    assert len(prometheus.range("up", 0, 60, 15)[0].points) == 1
    assert answers.asked[0][1]["step"] == "15"


def test_exemplars_name_their_series_trace_and_span() -> None:
    bucket = {"__name__": "conversation_turn_duration_seconds_bucket", "le": "0.5"}
    found = {"labels": {"trace_id": "ab", "span_id": "cd"}, "value": "0.41", "timestamp": 99.25}
    prometheus, _ = client([{"seriesLabels": bucket, "exemplars": [found]}], "exemplars")
    (exemplar,) = prometheus.exemplars("x", 0, 100)
    assert exemplar.metric == "conversation_turn_duration_seconds_bucket"
    assert (exemplar.trace_id, exemplar.span_id) == ("ab", "cd")
    assert (exemplar.value, exemplar.at) == (0.41, 99.25)


def test_no_series_at_all_are_counted_as_none() -> None:
    assert client([])[0].series_count("nothing") == 0
    assert client([{"metric": {}, "value": [1, "714"]}])[0].series_count() == 714
