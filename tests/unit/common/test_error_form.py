import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field

from demo_services.common.errors import Refusal, install_error_handlers
from turnscope.instrument import Telemetry
from turnscope.instrument.in_memory import InMemoryTelemetry

pytestmark = pytest.mark.unit


class Body(BaseModel):
    text: str = Field(max_length=3)


@pytest.fixture
def telemetry() -> InMemoryTelemetry:
    return Telemetry.in_memory("gateway")


@pytest.fixture
def client(telemetry: InMemoryTelemetry) -> TestClient:
    app = FastAPI()

    @app.post("/echo")
    def echo(body: Body) -> str:
        return body.text

    @app.get("/refused")
    def refuse() -> None:
        raise Refusal(409, "session_ended", "The session has ended; begin a new one.")

    @app.get("/broken")
    def fail() -> None:
        raise RuntimeError("the secret reason")

    install_error_handlers(app, telemetry, most_body_bytes=1000)
    telemetry.instrument(app)
    return TestClient(app)


def test_wrong_input_names_the_field_and_never_repeats_what_was_given(client: TestClient) -> None:
    answer = client.post("/echo", json={"text": "my secret"})
    assert answer.status_code == 422
    assert answer.json()["error"]["reason"] == "invalid_request"
    assert "text" in answer.json()["error"]["message"]
    assert "secret" not in answer.text


def test_a_body_that_is_no_json_is_refused_with_one_sentence(client: TestClient) -> None:
    answer = client.post("/echo", content=b"{", headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "The body is not valid JSON."


def test_a_refusal_keeps_its_status_reason_and_sentence(client: TestClient) -> None:
    answer = client.get("/refused")
    assert answer.status_code == 409
    assert answer.json()["error"]["reason"] == "session_ended"


def test_an_unknown_path_has_the_same_form(client: TestClient) -> None:
    assert client.get("/nowhere").json() == {
        "error": {"reason": "not_found", "message": "Not Found."}
    }


def test_an_unforeseen_error_is_logged_with_its_trace_and_not_shown(
    client: TestClient, telemetry: InMemoryTelemetry
) -> None:
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert answer.json()["error"]["reason"] == "internal_error"
    assert "secret reason" not in answer.text
    (record,) = telemetry.log_records()
    assert "secret reason" in str(record["exception.message"])
    assert record["trace_id"] == f"{telemetry.spans()[-1].context.trace_id:032x}"


@pytest.mark.parametrize("told", [True, False], ids=["with length", "in chunks"])
def test_a_body_over_the_limit_is_refused_whether_or_not_it_tells_its_length(
    client: TestClient, told: bool
) -> None:
    body = b'{"text": "' + b"x" * 2000 + b'"}'
    json = {"content-type": "application/json"}
    content = body if told else iter([body[:900], body[900:]])
    answer = client.post("/echo", content=content, headers=json)
    assert answer.status_code == 413
    assert answer.json()["error"]["reason"] == "body_too_large"
