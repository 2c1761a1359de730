from pathlib import Path

import pytest
import yaml
from made_checkout import make_checkout

from turnscope.native.checkout import Checkout
from turnscope.native.configs import write_configs

pytestmark = pytest.mark.unit


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    for name in ("prometheus/rules", "prometheus/tests", "alertmanager"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "prometheus/prometheus.yml").write_text("global: {}\n")
    (tmp_path / "prometheus/targets.compose.yml").write_text("[]\n")
    (tmp_path / "prometheus/rules/red.yml").write_text("groups: []\n")
    (tmp_path / "prometheus/tests/red_test.yml").write_text("tests: []\n")
    (tmp_path / "alertmanager/config.yml").write_text("route: {}\n")
    return make_checkout(tmp_path)


def test_prometheus_gets_its_configuration_beside_the_targets_of_this_mode(
    checkout: Checkout,
) -> None:
    write_configs(checkout)
    folder = checkout.state.configs / "prometheus"
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == [
        "prometheus.yml",
        "red.yml",
        "targets.yml",
    ]
    jobs = {
        group["labels"]["job"]: group["targets"]
        for group in yaml.safe_load((folder / "targets.yml").read_text())
    }
    assert jobs["alertmanager"] == ["127.0.0.1:9093"]
    assert jobs["jaeger"] == ["127.0.0.1:14269"]


def test_the_collector_scrapes_the_four_services_and_not_the_outside_system(
    checkout: Checkout,
) -> None:
    write_configs(checkout)
    groups = yaml.safe_load((checkout.state.configs / "scrape_targets.yml").read_text())
    assert [group["labels"]["job"] for group in groups] == [
        "gateway",
        "nlu",
        "dialog_manager",
        "model_inference",
    ]


def test_a_file_that_is_the_same_is_left_alone(checkout: Checkout) -> None:
    write_configs(checkout)
    before = {
        path: path.stat().st_ino for path in checkout.state.configs.rglob("*") if path.is_file()
    }
    write_configs(checkout)
    assert {path: path.stat().st_ino for path in before} == before


def test_a_rule_file_that_was_removed_is_removed_from_the_copy(checkout: Checkout) -> None:
    write_configs(checkout)
    (checkout.root / "prometheus/rules/red.yml").unlink()
    write_configs(checkout)
    copy = checkout.state.configs / "prometheus"
    assert not (copy / "rules/red.yml").exists()
    assert (copy / "targets.yml").exists()
