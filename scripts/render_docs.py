"""Writes the documents that are generated: docs/telemetry.md and docs/configuration.md.

`--check` compares instead, and names what is stale.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from pydantic_settings import BaseSettings

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from turnscope.contract import read_contract  # noqa: E402
from turnscope.contract.render import render_telemetry  # noqa: E402

SETTINGS = [
    ("Services: telemetry", "turnscope.instrument.settings", "TelemetrySettings"),
    ("gateway", "demo_services.gateway.settings", "GatewaySettings"),
    ("nlu", "demo_services.nlu.settings", "NluSettings"),
    ("dialog_manager", "demo_services.dialog_manager.settings", "DialogSettings"),
    ("model_inference", "demo_services.model_inference.settings", "ModelSettings"),
    ("knowledge_base", "demo_services.knowledge_base.settings", "KnowledgeBaseSettings"),
    ("Demo conversations", "turnscope.load.trickle", "TrickleSettings"),
    ("Native mode", "turnscope.native.settings", "NativeSettings"),
    ("Ports", "turnscope.deployment.ports", "Ports"),
]
HEAD = """# Configuration

Everything is configured by environment variables, read once at the start. Rendered from the
settings classes by `make docs`. The standard `OTEL_*` variables keep their names and meaning.
"""


def _shown(default: object) -> str:
    if isinstance(default, Path) and default.is_relative_to(ROOT):
        default = default.relative_to(ROOT)
    if isinstance(default, tuple):
        default = ",".join(map(str, default))
    return "-" if default in ("", None) else f"`{default}`"


def _bound(part: object) -> str:
    for name, sign in (("ge", ">="), ("gt", ">"), ("le", "<="), ("lt", "<")):
        if hasattr(part, name):
            return f"{sign} {getattr(part, name):g}"
    if hasattr(part, "min_length"):
        return f"at least {part.min_length} characters"
    return ""


def render_settings(title: str, settings: type[BaseSettings]) -> str:
    """One table: variable, default, bounds, what it is."""
    prefix = settings.model_config.get("env_prefix", "")
    lines = [
        f"## {title}",
        "",
        "| variable | default | bounds | what it is |",
        "| --- |" + " --- |" * 3,
    ]
    for name, field in settings.model_fields.items():
        default = "(required)" if field.is_required() else _shown(field.default)
        bounds = ", ".join(_bound(part) for part in field.metadata if _bound(part)) or "-"
        text = " ".join((field.description or "").split()).replace("|", "\\|")
        lines.append(f"| `{(prefix + name).upper()}` | {default} | {bounds} | {text} |")
    return "\n".join([*lines, ""])


def render_configuration() -> str:
    """docs/configuration.md as one string."""
    sections = [
        render_settings(title, getattr(importlib.import_module(module), name))
        for title, module, name in SETTINGS
    ]
    return "\n".join([HEAD, *sections])


def documents() -> dict[Path, str]:
    """Each generated document and what it should hold."""
    return {
        ROOT / "docs/telemetry.md": render_telemetry(read_contract()),
        ROOT / "docs/configuration.md": render_configuration(),
    }


def main() -> int:
    """Write, or compare with --check; exit code 1 if something is stale."""
    stale = [
        path for path, text in documents().items() if not path.exists() or path.read_text() != text
    ]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is stale: run `make docs`", file=sys.stderr)
        return 1 if stale else 0
    for path, text in documents().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
