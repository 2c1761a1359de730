import httpx
import pytest
from answers import URL, Answers

from turnscope.stores import StoreRefusedError, StoreUnreachableError, open_trace_store
from turnscope.stores.http import StoreHttp

pytestmark = pytest.mark.unit


def refusing(status: int, text: str) -> StoreHttp:
    answers = Answers(lambda path, params: httpx.Response(status, text=text))
    return StoreHttp("Loki", URL, answers.transport)


def test_a_store_that_does_not_answer_is_named_with_its_address_and_what_to_do() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("Connection refused", request=request)

    store = StoreHttp("Loki", f"{URL}/", httpx.MockTransport(fail))
    with pytest.raises(StoreUnreachableError) as told:
        store.get("/ready")
    assert str(told.value) == (
        f"Loki does not answer at {URL}: Connection refused; is the stack up? make status"
    )


def test_a_time_out_without_words_is_told_by_its_kind() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("", request=request)

    with pytest.raises(StoreUnreachableError, match="ReadTimeout"):
        StoreHttp("Loki", URL, httpx.MockTransport(fail)).get("/ready")


def test_a_refusal_keeps_the_first_of_the_reason_on_one_line() -> None:
    with pytest.raises(StoreRefusedError) as told:
        refusing(400, "parse error\n at line 1" + "x" * 500).get("/loki/api/v1/query_range")
    assert "Loki at" in str(told.value)
    assert "400 to /loki/api/v1/query_range: parse error at line 1" in str(told.value)
    assert len(str(told.value)) < 320


def test_something_else_on_the_port_is_a_refusal() -> None:
    with pytest.raises(StoreRefusedError, match="another program"):
        refusing(200, "<html>").get("/api")


def test_only_find_takes_a_404_as_an_answer() -> None:
    assert refusing(404, "trace not found").find("/api/traces/1") is None
    with pytest.raises(StoreRefusedError):
        refusing(404, "page not found").get("/api/traces/1")


def test_an_unknown_kind_of_trace_store_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'zipkin': expected tempo or jaeger"):
        open_trace_store("zipkin", URL)
