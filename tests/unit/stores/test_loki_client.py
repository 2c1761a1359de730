import random
from typing import Any

import pytest
from answers import URL, Answers

from turnscope.stores import StoreError
from turnscope.stores.loki import LogLine, Loki, quoted, where

pytestmark = pytest.mark.unit

Stored = list[tuple[int, str, dict[str, str]]]


def loki_with(stored: Stored, page: int) -> tuple[Loki, Answers]:
    """A Loki that cuts at `limit` and, among lines of one nanosecond, gives them in any order."""
    order = random.Random(5)

    def answer(path: str, params: dict[str, str]) -> Any:
        assert params["direction"] == "forward"
        start, end, limit = (int(params[name]) for name in ("start", "end", "limit"))
        matching = [line for line in stored if start <= line[0] < end]
        cut = sorted(matching, key=lambda line: (line[0], line[2]["stream"]))[:limit]
        order.shuffle(cut)
        streams = [{"stream": labels, "values": [[str(at), body]]} for at, body, labels in cut]
        return {"status": "success", "data": {"resultType": "streams", "result": streams}}

    answers = Answers(answer)
    return Loki(URL, answers.transport, page_lines=page), answers


def line(at: int, body: str, stream: str = "a") -> tuple[int, str, dict[str, str]]:
    return (at, body, {"service_name": "gateway", "stream": stream})


def test_all_pages_are_read_and_every_line_comes_once_in_order() -> None:
    stored = [line(at, f"line {at}") for at in range(100, 123)]
    loki, answers = loki_with(stored, page=5)
    assert [each.body for each in loki.lines("{}", 100, 200)] == [body for _, body, _ in stored]
    assert len(answers.asked) >= 5


def test_lines_of_one_nanosecond_on_both_sides_of_a_page_are_neither_lost_nor_doubled() -> None:
    before = [line(at, "before") for at in (1, 2, 3)]
    stored = [*before, *(line(7, "tie", f"s{n}") for n in range(3)), line(9, "last")]
    for page in (4, 5, 6, 7, 8):
        loki, _ = loki_with(stored, page)
        found = list(loki.lines("{}", 0, 10))
        assert [each.timestamp_ns for each in found] == [1, 2, 3, 7, 7, 7, 9]
        assert len({each.identity for each in found}) == 7


def test_more_lines_of_one_nanosecond_than_a_page_holds_are_an_error_not_a_loss() -> None:
    loki, _ = loki_with([line(7, "tie", f"s{n}") for n in range(6)], page=5)
    with pytest.raises(StoreError, match="same nanosecond"):
        list(loki.lines("{}", 0, 10))


def test_a_window_without_length_asks_nothing() -> None:
    loki, answers = loki_with([line(7, "x")], page=5)
    assert list(loki.lines("{}", 7, 7)) == []
    assert answers.asked == []


def test_a_count_is_made_by_loki_over_whole_milliseconds() -> None:
    def answer(path: str, params: dict[str, str]) -> Any:
        assert (path, params["time"]) == ("/loki/api/v1/query", "3000000")
        assert params["query"] == 'sum(count_over_time({a="b"} [3ms]))'
        return {"data": {"resultType": "vector", "result": [{"metric": {}, "value": [3, "41"]}]}}

    assert Loki(URL, Answers(answer).transport).count('{a="b"}', 999_999, 3_000_000) == 41


def test_a_count_over_no_lines_is_zero() -> None:
    answers = Answers(lambda path, params: {"data": {"result": []}})
    assert Loki(URL, answers.transport).count("{}", 0, 1) == 0


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", '"plain"'),
        ('a"} | x="', '"a\\"} | x=\\""'),
        ("back\\slash", '"back\\\\slash"'),
        ("two\nlines", '"two\\nlines"'),
        ("back`quote", '"back`quote"'),
    ],
)
def test_no_value_can_end_its_string(value: str, written: str) -> None:
    assert quoted(value) == written


def test_a_query_by_fields_filters_any_service() -> None:
    assert where(trace_id="ab") == '{service_name=~".+"} | trace_id="ab"'


def test_a_level_is_the_records_own_before_lokis_guess() -> None:
    assert LogLine(1, "x", {"severity_text": "Warn", "detected_level": "info"}).level == "WARN"
    assert LogLine(1, "x", {"detected_level": "info"}).level == "INFO"
    assert LogLine(1, "x", {}).level == ""
