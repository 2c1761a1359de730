"""`python -m demo_services.model_inference`."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from pydantic import ValidationError

from demo_services.common.http_client import Neighbour
from demo_services.common.serve import serve
from demo_services.model_inference.adapters import scripted, smollm2
from demo_services.model_inference.adapters.prices import read_prices
from demo_services.model_inference.adapters.upstream import UpstreamBackend
from demo_services.model_inference.app import create_app
from demo_services.model_inference.domain import Backend
from demo_services.model_inference.settings import ModelSettings
from turnscope.instrument import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator


def build_backends(settings: ModelSettings, telemetry: Telemetry) -> Iterator[Backend]:
    """The backends that `settings` ask for. FileNotFoundError if a model's file is missing."""
    if "smollm2" in settings.offered:
        load = partial(
            smollm2.load_engine,
            smollm2.find_model_file(),
            threads=settings.smollm2_threads,
            context=settings.smollm2_context,
        )
        yield smollm2.SmolLm2Backend(load, queue=settings.smollm2_queue)
    if "scripted" in settings.offered:
        yield scripted.ScriptedBackend(
            scripted.Script(
                first_token_s=settings.scripted_first_token_s,
                token_s=settings.scripted_token_s,
                error_rate=settings.scripted_error_rate,
                seed=settings.scripted_seed,
            )
        )
    if settings.upstream_url:
        yield build_upstream(settings, telemetry)


def build_upstream(settings: ModelSettings, telemetry: Telemetry) -> UpstreamBackend:
    """The upstream that `settings` name."""
    key = settings.upstream_key.get_secret_value()
    upstream = Neighbour(
        "upstream",
        settings.upstream_url,
        telemetry,
        timeout_s=settings.upstream_timeout_s,
        stream_limit_s=10 * settings.upstream_timeout_s,
        headers={"Authorization": f"Bearer {key}"} if key else None,
        outside=True,
    )
    return UpstreamBackend(upstream, settings.upstream_models, settings.upstream_provider)


def main() -> None:
    """Read the settings, build the providers and the models, serve."""
    try:
        settings = ModelSettings()
        prices = read_prices(settings.prices_file)
        offers_smollm2 = "smollm2" in settings.offered
        telemetry = Telemetry.from_environment(
            "model_inference", model_version=smollm2.MODEL_VERSION if offers_smollm2 else None
        )
        backends = tuple(build_backends(settings, telemetry))
    except (ValidationError, ValueError, FileNotFoundError) as error:
        sys.exit(f"model_inference cannot start: {error}")
    serve(
        create_app(settings, telemetry, backends, prices), settings.host, settings.port, telemetry
    )


if __name__ == "__main__":
    main()
