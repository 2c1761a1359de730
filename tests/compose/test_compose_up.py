"""docker-compose.yml, started for real."""

from __future__ import annotations

import base64
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from compose_project import START_SECONDS, ComposeProject

pytestmark = [pytest.mark.compose, pytest.mark.timeout(START_SECONDS + 300)]

ONE_SHOTS = {"collector_queue", "database"}


def _ask(url: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        url, data, {"Content-Type": "application/json", **(headers or {})}
    )
    with urllib.request.urlopen(request, timeout=40) as answer:
        return json.load(answer)


def _say(project: ComposeProject, text: str, session: str | None = None) -> dict[str, Any]:
    key = {"Authorization": f"Bearer {project.secrets['GATEWAY_API_KEY']}"}
    body = {"message": text, "model": "scripted", "session_id": session}
    answer: dict[str, Any] = _ask(project.url("gateway", "/v1/chat"), body, key)
    return answer


def _eventually(check: Callable[[], Any], awaited: str, seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = check()
        if found:
            return found
        time.sleep(0.5)
    pytest.fail(f"not within {seconds:.0f} s: {awaited}")


def test_every_part_is_up_and_what_is_probed_is_healthy(project: ComposeProject) -> None:
    for name, container in project.containers().items():
        state = container["State"]
        if name in ONE_SHOTS:
            assert (state["Status"], state["ExitCode"]) == ("exited", 0), name
        else:
            assert state["Status"] == "running", name
            assert state.get("Health", {"Status": "healthy"})["Status"] == "healthy", name


def test_no_container_runs_as_root_or_may_write_its_image(project: ComposeProject) -> None:
    for name, container in project.containers().items():
        assert container["Config"]["User"].split(":")[0] not in {"", "0", "root"}, name
        assert container["HostConfig"]["ReadonlyRootfs"], name


def test_nothing_is_reachable_from_other_machines(project: ComposeProject) -> None:
    for name, container in project.containers().items():
        for bindings in container["HostConfig"]["PortBindings"].values():
            assert {binding["HostIp"] for binding in bindings} == {"127.0.0.1"}, name


def test_a_turn_reaches_all_three_stores(project: ComposeProject) -> None:
    answer = _say(project, "Where is my order 1042?")
    url = project.url("prometheus", "/api/v1/query?query=sum(conversation_turns_total)")

    def counted() -> bool:
        result = _ask(url)["data"]["result"]
        return bool(result) and float(result[0]["value"][1]) >= 1

    def walked() -> bool:
        return project.succeeds("walk", "--trace", answer["trace_id"])

    _eventually(counted, "conversation_turns_total of at least 1 in Prometheus")
    _eventually(walked, f"trace {answer['trace_id']} and its log lines")


def test_the_assistant_answers_while_nothing_watches(project: ComposeProject) -> None:
    project.compose("stop", "collector")
    try:
        assert _say(project, "hello")["turn_outcome"] == "answered"
    finally:
        project.compose("start", "collector")


def test_a_session_outlives_the_containers(project: ComposeProject) -> None:
    session = _say(project, "hello")["session_id"]
    project.compose("down", seconds=180)
    project.compose("up", "--detach", "--wait", seconds=300)
    assert _say(project, "where is my order 1042?", session)["turn_index"] == 2


@pytest.mark.parametrize("uid", ["prometheus", "loki", "tempo", "postgres"])
def test_grafana_reaches_each_store(project: ComposeProject, uid: str) -> None:
    password = project.secrets["GRAFANA_PASSWORD"]
    basic = base64.b64encode(f"admin:{password}".encode()).decode()
    url = project.url("grafana", f"/api/datasources/uid/{uid}/health")
    assert _ask(url, headers={"Authorization": f"Basic {basic}"})["status"] == "OK"


def test_grafana_lets_no_stranger_in(project: ComposeProject) -> None:
    with pytest.raises(urllib.error.HTTPError, match="401"):
        _ask(project.url("grafana", f"/api/dashboards/uid/{uuid.uuid4()}"))
