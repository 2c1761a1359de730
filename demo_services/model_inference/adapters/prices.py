"""Reads a price table."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from demo_services.model_inference.domain import Price, PriceTable


class _Entry(BaseModel, extra="forbid"):
    input: float = Field(ge=0, allow_inf_nan=False)
    output: float = Field(ge=0, allow_inf_nan=False)


_TABLE = TypeAdapter(dict[str, _Entry])


def read_prices(file: Path) -> PriceTable:
    """The price table in `file`; ValueError names the file and the first wrong entry."""
    try:
        entries = _TABLE.validate_python(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"the price table {file} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ValueError(f"the price table {file} is wrong at {place}: {first['msg']}") from error
    return PriceTable({name: Price(e.input, e.output) for name, e in entries.items()})
