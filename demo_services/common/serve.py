"""Runs one service until it is told to stop."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI

if TYPE_CHECKING:
    from turnscope.instrument import Telemetry


def serve(app: FastAPI, host: str, port: int, telemetry: Telemetry, grace_s: int = 10) -> None:
    """Serves until SIGTERM or SIGINT; requests under way get `grace_s` seconds to end.

    One worker: prometheus-client drops exemplars in its multi-process mode. Scale by replicas.
    """
    # uvicorn raises the signal again when it is done, and the default action would end the process
    # before the last spans and log records are sent.
    signal.signal(signal.SIGTERM, _leave)
    try:
        uvicorn.run(
            app,
            host=host,
            port=port,
            workers=1,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=grace_s,
        )
    finally:
        telemetry.shutdown()


def _leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)
