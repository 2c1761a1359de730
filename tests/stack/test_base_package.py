"""The base wheel alone, in an empty environment, runs the page that promises it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from running import ROOT
from waiting import eventually, free_address

pytestmark = pytest.mark.stack

PAGE = (ROOT / "docs/instrument-your-assistant.md").read_text()


@pytest.fixture(scope="module")
def empty_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel of this checkout and what it needs, and nothing else."""
    folder = tmp_path_factory.mktemp("base")
    uv = str(Path(sys.executable).parent / "uv")

    def run(*command: str) -> None:
        subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "UV_SYSTEM_CERTS": "1"})

    run(uv, "build", "--quiet", "--wheel", "--out-dir", str(folder))
    (wheel,) = folder.glob("*.whl")
    run(uv, "venv", "--quiet", "--python", sys.executable, str(folder / "venv"))
    python = str(folder / "venv/bin/python")
    install = (uv, "pip", "install", "--quiet", "--python", python)
    # The lock pins what the wheel asks for; uvicorn is the page's own choice of server.
    run(*install, "-c", "requirements/base.lock", str(wheel), "uvicorn")
    return folder / "venv"


def code_of(name: str) -> str:
    found = re.search(rf"^```python {re.escape(name)}\n(.*?)^```", PAGE, re.M | re.S)
    assert found, f"the page has no block {name}"
    return found.group(1)


@pytest.fixture(params=["plain", "opentelemetry-instrument"])
def bot(request: pytest.FixtureRequest, empty_environment: Path, tmp_path: Path) -> Iterator[str]:
    (tmp_path / "my_bot.py").write_text(code_of("my_bot.py"))
    host, port = free_address().split(":")
    command = [str(empty_environment / "bin/uvicorn"), "my_bot:app", "--port", port]
    environment = {
        **os.environ,
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
        "TURNSCOPE_PSEUDONYM_KEY": "test",
    }
    if request.param == "opentelemetry-instrument":
        environment |= {
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_METRICS_EXPORTER": "none",
            "OTEL_SEMCONV_STABILITY_OPT_IN": "http,database",
        }
        launcher = str(empty_environment / "bin/opentelemetry-instrument")
        command = [launcher, "--service_name", "my-bot", *command]
    with (tmp_path / "out").open("w") as out:
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=out, stderr=out)
        try:
            yield f"http://{host}:{port}"
        finally:
            process.terminate()
            process.wait(30)


def test_the_page_takes_at_most_five_lines() -> None:
    assert len(re.findall(r"  # \d$", code_of("my_bot.py"), re.M)) <= 5


def test_the_page_works_with_the_base_package_alone(bot: str, tmp_path: Path) -> None:
    body = {"session_id": "s-1", "user": "jo@example.com", "text": "write to jo@example.com"}

    def answered() -> bool:
        try:
            return httpx.post(f"{bot}/chat", json=body, trust_env=False).is_success
        except httpx.TransportError:
            return False

    eventually(answered, "the page's bot", 40)
    metrics = httpx.get(f"{bot}/metrics", trust_env=False).text
    lines = (tmp_path / "out").read_text()

    assert 'conversation_turns_total{outcome="answered"} 1.0' in metrics
    assert '"event.name": "turn_finished"' in lines
    assert '"session_id": "s-1"' in lines
    assert re.search(r'"trace_id": "[0-9a-f]{32}"', lines)
    assert "jo@example.com" not in lines


def test_the_base_package_brings_none_of_the_extras(empty_environment: Path) -> None:
    listed = subprocess.run(
        [str(Path(sys.executable).parent / "uv"), "pip", "list", "--python",
         str(empty_environment / "bin/python")],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    for name in ("onnxruntime", "scikit-learn", "psycopg", "typer", "supervisor", "sqlalchemy"):
        assert f"\n{name} " not in listed
