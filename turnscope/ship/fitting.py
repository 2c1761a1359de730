"""Keeps a record within what the log store takes; what is over is cut the same way every time."""

from collections.abc import Mapping

from turnscope.ship.values import Scalar

# Loki refuses lines over 256 KB and more than 64 KB of structured metadata a line.
BODY_CHARACTERS = 32_000
METADATA_BYTES = 56_000
VALUE_CHARACTERS = 4_000


def fit(attributes: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The attributes with long texts cut; `truncated` is set when anything was."""
    fitted: dict[str, Scalar] = {
        name: value[:VALUE_CHARACTERS] if isinstance(value, str) else value
        for name, value in attributes.items()
    }
    while _size(fitted) > METADATA_BYTES:
        longest = max(fitted, key=lambda name: len(str(fitted[name])))
        text = str(fitted[longest])
        fitted[longest] = text[: len(text) // 2]
    if fitted != dict(attributes):
        fitted["truncated"] = True
    return fitted


def _size(attributes: Mapping[str, Scalar]) -> int:
    return sum(
        len(name) + len(str(value).encode("utf-8", "replace")) for name, value in attributes.items()
    )
