"""What runs, for `make status`."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass

import psutil

from turnscope.native.checkout import Checkout
from turnscope.native.probes import DatabaseProbe, HttpProbe, NoProbe, Probe
from turnscope.native.state import read_running
from turnscope.native.supervision import ProcessState, Supervision


@dataclass(frozen=True)
class Part:
    """One program as a person wants to see it."""

    name: str
    state: str
    process: str
    memory: str
    problem: str

    @property
    def well(self) -> bool:
        """Whether it runs and answers."""
        return not self.problem
