"""Ships the log of a bot that imports nothing of ours through the collector."""

from turnscope.ship.run import run_ship

__all__ = ["run_ship"]
