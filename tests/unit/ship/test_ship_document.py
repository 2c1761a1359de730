"""docs/ship-your-logs.md: its example does what it says."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from turnscope.instrument import TelemetrySettings
from turnscope.ship import run_ship
from turnscope.ship.mapping import Mapping, known_fields

pytestmark = pytest.mark.unit

DOCUMENT = Path(__file__).parents[3] / "docs" / "ship-your-logs.md"


def block(language):
    (text,) = re.findall(rf"```{language}\n(.*?)```", DOCUMENT.read_text(), flags=re.DOTALL)
    return text


def test_the_example_gives_the_records_it_shows(collector, console, said, tmp_path, monkeypatch):
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    log, mapping = tmp_path / "shop-bot.log", tmp_path / "mapping.yaml"
    log.write_text(block("jsonl"))
    mapping.write_text(block("yaml"))
    code = run_ship(
        collector, str(log), mapping, None, True, console,
        settings=TelemetrySettings(pseudonym_key="key"), state_folder=tmp_path / "state",
        transport=collector.transport,
    )  # fmt: skip
    assert code == 0
    assert collector.resources[0]["service.name"] == "shop-bot"
    for record, shown in zip(collector.records, json.loads(block("json")), strict=True):
        found = dict(record)
        seconds, nanoseconds = divmod(found["time"], 10**9)
        when = datetime.fromtimestamp(seconds, UTC)
        found["time"] = f"{when:%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"
        found["severity"] = found["level"]
        # The document shows neither where a line stood nor when it was read.
        hidden = {"level", "observed", "trace_id", "span_id"}
        named = {name for name in found if name not in hidden and not name.startswith("log.file.")}
        assert named == set(shown)
        for name, value in shown.items():
            if str(value).endswith("..."):
                assert str(found[name]).startswith(str(value).removesuffix("..."))
            else:
                assert found[name] == value
    assert "Not sent, as the mapping does not name them: cart (" in said()


def test_every_key_of_a_mapping_is_described():
    described = set(re.findall(r"^\| `(\w+)` \|", DOCUMENT.read_text(), flags=re.MULTILINE))
    assert set(Mapping.model_fields) <= described


def test_every_field_it_names_exists():
    sentence = re.search(r"Fields that can be named:(.*?)\n\n", DOCUMENT.read_text(), re.DOTALL)
    assert sentence is not None
    named = set(re.findall(r"`([a-z_]+)`", sentence[1]))
    assert len(named) > 15
    assert named <= known_fields()
