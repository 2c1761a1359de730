"""Settings and the price table."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from demo_services.model_inference.adapters.prices import read_prices
from demo_services.model_inference.domain import Usage
from demo_services.model_inference.settings import PACKAGED_PRICES, ModelSettings

pytestmark = pytest.mark.unit


def test_lists_are_read_from_the_environment_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_OFFERED", "scripted")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("MODEL_UPSTREAM_MODELS", "big, small")
    settings = ModelSettings()
    assert settings.offered == ("scripted",)
    assert settings.upstream_models == ("big", "small")
    assert "sk-secret" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"upstream_url": "http://x/v1"}, "MODEL_UPSTREAM_MODELS"),
        ({"upstream_models": "big"}, "OPENAI_BASE_URL"),
        ({"offered": ""}, "MODEL_OFFERED"),
    ],
)
def test_settings_that_contradict_each_other_name_the_variable(
    given: dict[str, str], told: str
) -> None:
    with pytest.raises(ValidationError, match=told):
        ModelSettings(**given)  # type: ignore[arg-type]


def test_a_price_is_for_a_million_tokens_and_a_model_without_one_has_no_cost(
    tmp_path: Path,
) -> None:
    table = tmp_path / "prices.yaml"
    table.write_text("big: {input: 2.0, output: 8.0}\n")
    prices = read_prices(table)
    assert prices.cost_usd("big", Usage(1_000_000, 500_000)) == pytest.approx(6.0)
    assert prices.cost_usd("unheard-of", Usage(1, 1)) is None


def test_the_packaged_table_prices_what_the_service_offers() -> None:
    prices = read_prices(PACKAGED_PRICES)
    offered = ModelSettings.model_fields["offered"].default
    assert all(prices.cost_usd(model, Usage(1, 1)) for model in offered)


@pytest.mark.parametrize("text", ["big: {input: -1, output: 1}", "big: 3", "[", "big: {input: 1}"])
def test_a_wrong_price_table_is_named_with_the_wrong_place(tmp_path: Path, text: str) -> None:
    table = tmp_path / "prices.yaml"
    table.write_text(text)
    with pytest.raises(ValueError, match=r"prices\.yaml"):
        read_prices(table)
