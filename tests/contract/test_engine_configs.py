"""What the engines read, held against the rules that bite when they are forgotten."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ENGINE_ROOMS = ("collector", "prometheus", "loki", "tempo", "alertmanager")
ENGINE_FILES = sorted(
    path
    for room in ENGINE_ROOMS
    for path in (ROOT / room).rglob("*")
    if path.suffix in {".yml", ".yaml"}
)

# The order matters: a telephone number's pattern would cut an IBAN in two.
REDACTION = ["redaction/keys", "redaction/words", "redaction/numbers"]

pytestmark = pytest.mark.contract


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def collector() -> Any:
    return read("collector/config.yaml")


@pytest.fixture(scope="module")
def pipelines(collector: Any) -> dict[str, Any]:
    return dict(collector["service"]["pipelines"])


def scraped_jobs(path: str) -> set[str]:
    return {group["labels"]["job"] for group in read(path)}


@pytest.mark.parametrize("path", ENGINE_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_engine_listens_on_every_interface_by_default(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "0.0.0.0" not in text
    assert not re.search(r"\[::\]", text)


@pytest.mark.parametrize("path", ENGINE_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_configuration_says_why(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# ")


def test_the_memory_limiter_is_first_in_every_pipeline(pipelines: dict[str, Any]) -> None:
    first = {name: pipeline["processors"][0] for name, pipeline in pipelines.items()}
    assert first == dict.fromkeys(pipelines, "memory_limiter")


def test_every_trace_and_log_is_redacted_before_anything_else_sees_it(
    pipelines: dict[str, Any],
) -> None:
    entrances = {name: p for name, p in pipelines.items() if "otlp" in p["receivers"]}
    assert {name.split("/")[0] for name in entrances} == {"traces", "logs"}
    for name, pipeline in entrances.items():
        steps = pipeline["processors"]
        assert steps[-5:] == ["transform/expose", *REDACTION, "transform/restore"], name


def test_redaction_keeps_every_key_and_reads_every_type(collector: Any) -> None:
    for name in REDACTION:
        redaction = collector["processors"][name]
        assert redaction["allow_all_keys"] is True
        assert redaction["redact_all_types"] is True


def test_what_is_exposed_to_redaction_is_put_back(collector: Any) -> None:
    def exposed(name: str) -> set[tuple[str, str]]:
        processor = collector["processors"][name]
        statements = processor["trace_statements"] + processor["log_statements"]
        pattern = re.compile(r'(span|spanevent|log)\.attributes\["(redaction\.[a-z.]+)"\]')
        return {match for statement in statements for match in pattern.findall(statement)}

    assert exposed("transform/expose") == exposed("transform/restore")
    assert {field for _, field in exposed("transform/expose")} == {
        "redaction.span.name",
        "redaction.status.message",
        "redaction.event.name",
    }


def test_a_failing_redaction_step_refuses_the_batch(collector: Any) -> None:
    for name in ("transform/expose", "transform/restore"):
        assert collector["processors"][name]["error_mode"] == "propagate"


def test_every_exporter_has_a_queue_on_disk_and_never_gives_up(collector: Any) -> None:
    for name, exporter in collector["exporters"].items():
        queue = exporter["sending_queue"]
        assert queue["storage"] == "file_storage", name
        assert queue["queue_size"] > 0, name
        assert queue["batch"]["flush_timeout"] == "200ms", name
        assert exporter["retry_on_failure"]["max_elapsed_time"] == "0s", name
    assert "file_storage" in collector["service"]["extensions"]


def test_batches_are_made_at_the_exporter_only(pipelines: dict[str, Any]) -> None:
    assert not any("batch" in pipeline["processors"] for pipeline in pipelines.values())


def test_calls_are_counted_before_the_sampler_and_their_exemplars_come_from_behind_it(
    collector: Any, pipelines: dict[str, Any]
) -> None:
    def upstream(connector: str) -> list[str]:
        (feeding,) = (p for p in pipelines.values() if connector in p["exporters"])
        steps = list(feeding["processors"])
        for receiver in feeding["receivers"]:
            if receiver in collector["connectors"]:
                steps += upstream(receiver)
        return steps

    assert "tail_sampling" not in upstream("span_metrics")
    assert "exemplars" not in collector["connectors"]["span_metrics"]
    assert "tail_sampling" in upstream("span_metrics/kept")
    assert collector["connectors"]["span_metrics/kept"]["exemplars"]["enabled"] is True


def test_the_two_call_meters_write_different_names_in_seconds_and_within_a_bound(
    collector: Any,
) -> None:
    meters = [c for name, c in collector["connectors"].items() if name.startswith("span_metrics")]
    assert len({meter["namespace"] for meter in meters}) == 2
    for meter in meters:
        assert meter["histogram"]["unit"] == "s"
        assert meter["aggregation_cardinality_limit"] > 0
        assert {d["name"] for d in meter["dimensions"]} <= {
            "db.system.name",
            "server.address",
            "server.port",
        }


def test_the_sampler_keeps_promised_failed_and_slow_traces(collector: Any) -> None:
    sampler = collector["processors"]["tail_sampling"]
    kept = {policy["type"]: policy for policy in sampler["policies"]}
    assert kept["boolean_attribute"]["boolean_attribute"] == {
        "key": "conversation.exemplar",
        "value": True,
    }
    assert kept["status_code"]["status_code"]["status_codes"] == ["ERROR"]
    assert kept["latency"]["latency"]["threshold_ms"] == 2000
    assert kept["probabilistic"]["probabilistic"]["sampling_percentage"].startswith(
        "${env:SAMPLING_PERCENT"
    )
    assert sampler["decision_cache"]["sampled_cache_size"] >= 10 * sampler["num_traces"]


def test_every_component_that_is_configured_is_used(
    collector: Any, pipelines: dict[str, Any]
) -> None:
    used = {
        kind: {name for pipeline in pipelines.values() for name in pipeline[kind]}
        for kind in ("receivers", "processors", "exporters")
    }
    connectors = set(collector["connectors"])
    assert used["receivers"] == set(collector["receivers"]) | connectors
    assert used["exporters"] == set(collector["exporters"]) | connectors
    assert used["processors"] == set(collector["processors"])


def test_services_are_scraped_once_and_engines_once() -> None:
    services = scraped_jobs("collector/targets.compose.yml")
    engines = scraped_jobs("prometheus/targets.compose.yml")
    assert services == {"gateway", "nlu", "dialog_manager", "model_inference"}
    assert engines == {"collector", "prometheus", "alertmanager", "loki", "tempo"}
    for path in ("collector/targets.compose.yml", "prometheus/targets.compose.yml"):
        for group in read(path):
            # A further label of a target would turn the application's own into exported_<name>.
            assert set(group["labels"]) == {"job"}


def test_prometheus_takes_late_samples_and_keeps_who_wrote_them() -> None:
    prometheus = read("prometheus/prometheus.yml")
    assert "service.name" in prometheus["otlp"]["promote_resource_attributes"]
    assert prometheus["storage"]["tsdb"]["out_of_order_time_window"]
    assert prometheus["storage"]["exemplars"]["max_exemplars"] > 0


def test_every_store_forgets() -> None:
    loki = read("loki/config.yaml")
    tempo = read("tempo/config.yaml")
    assert read("prometheus/prometheus.yml")["storage"]["tsdb"]["retention"]["time"] == "30d"
    assert loki["limits_config"]["retention_period"] == "${LOKI_RETENTION:-336h}"
    assert loki["compactor"]["retention_enabled"] is True
    assert loki["compactor"]["delete_request_store"]
    assert tempo["backend_worker"]["compaction"]["block_retention"] == "${TEMPO_RETENTION:-168h}"


def test_loki_indexes_who_spoke_and_nothing_that_grows() -> None:
    otlp = read("loki/config.yaml")["limits_config"]["otlp_config"]["resource_attributes"]
    assert otlp["ignore_defaults"] is True
    (indexed,) = otlp["attributes_config"]
    assert indexed["action"] == "index_label"
    assert set(indexed["attributes"]) == {"service.name", "deployment.environment.name"}


def test_no_engine_reports_to_its_maker() -> None:
    assert read("loki/config.yaml")["analytics"]["reporting_enabled"] is False
    assert read("tempo/config.yaml")["usage_report"]["reporting_enabled"] is False


def test_recorded_series_are_named_level_metric_operation() -> None:
    for path in sorted((ROOT / "prometheus" / "rules").glob("*.yml")):
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            for rule in group["rules"]:
                if "record" in rule:
                    assert re.fullmatch(r"[a-z_]+:[a-z_]+:[a-z0-9_]+", rule["record"]), path


def test_every_alert_has_somewhere_to_go() -> None:
    alertmanager = read("alertmanager/config.yml")
    receivers = {receiver["name"] for receiver in alertmanager["receivers"]}
    assert alertmanager["route"]["receiver"] in receivers
    for receiver in alertmanager["receivers"]:
        for webhook in receiver["webhook_configs"]:
            address = (ROOT / "alertmanager" / webhook["url_file"]).read_text(encoding="utf-8")
            assert address.startswith("http://127.0.0.1:")
