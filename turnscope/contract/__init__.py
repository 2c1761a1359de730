"""The telemetry contract: every metric, span, log event and attribute, declared once."""

from turnscope.contract.reader import Contract, Event, LabelBound, Metric, read_contract

__all__ = ["Contract", "Event", "LabelBound", "Metric", "read_contract"]
