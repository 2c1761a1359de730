"""The engines that native mode builds, as data. Versions stand in native/<name>/go.mod."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Binary:
    """One program of an engine: the Go package that becomes the file `name`."""

    name: str
    package: str


@dataclass(frozen=True)
class Engine:
    """One Go module below native/ and what is built from it."""

    name: str
    binaries: tuple[Binary, ...]
    tags: tuple[str, ...] = ()
    pinned_module: str = ""
    """Module whose version is the engine's; empty where builder.yaml says it (collector)."""


_PROMETHEUS = "github.com/prometheus/prometheus"
_ALERTMANAGER = "github.com/prometheus/alertmanager"
_LOKI = "github.com/grafana/loki/v3"
_JAEGER = "github.com/jaegertracing/jaeger"

# Discovery in clouds is much of what Prometheus, and the collector's receiver of that name, would
# compile. The targets here are files.
_NO_CLOUDS = ("remove_all_sd",)

ENGINES: dict[str, Engine] = {
    engine.name: engine
    for engine in (
        Engine("collector", (Binary("otelcol", "."),), tags=_NO_CLOUDS),
        Engine("jaeger", (Binary("jaeger", f"{_JAEGER}/cmd/all-in-one"),), pinned_module=_JAEGER),
        Engine(
            "prometheus",
            (
                Binary("prometheus", f"{_PROMETHEUS}/cmd/prometheus"),
                Binary("promtool", f"{_PROMETHEUS}/cmd/promtool"),
            ),
            tags=_NO_CLOUDS,
            pinned_module=_PROMETHEUS,
        ),
        Engine(
            "alertmanager",
            (
                Binary("alertmanager", f"{_ALERTMANAGER}/cmd/alertmanager"),
                Binary("amtool", f"{_ALERTMANAGER}/cmd/amtool"),
            ),
            pinned_module=_ALERTMANAGER,
        ),
        Engine("loki", (Binary("loki", f"{_LOKI}/cmd/loki"),), pinned_module=_LOKI),
    )
}

BUILD_FLAGS = ("-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w")
"""Part of the cache key: small binaries that do not depend on where the checkout lies."""


def engines_for(traces_kind: str) -> tuple[str, ...]:
    """Names of the engines to build; a Tempo of the machine makes Jaeger unnecessary."""
    return tuple(name for name in ENGINES if name != "jaeger" or traces_kind == "jaeger")
