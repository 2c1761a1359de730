"""Ends sessions that nobody came back to, so that abandoned ones are counted at all."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from demo_services.dialog_manager.instruments import DialogInstruments
from demo_services.dialog_manager.ports import Store, StoreDown
from demo_services.dialog_manager.settings import DialogSettings

if TYPE_CHECKING:
    from turnscope.instrument import Telemetry

# A sweep that ends so many at once is followed by the next one without a pause.
_MOST_AT_ONCE = 100


async def sweep_idle_sessions(
    settings: DialogSettings, telemetry: Telemetry, instruments: DialogInstruments, store: Store
) -> None:
    """Sweep until cancelled. Replicas may sweep at the same time: each session is ended by one."""
    while True:
        # Spread, so that replicas started together do not sweep together.
        await asyncio.sleep(settings.sweep_interval_s * random.uniform(0.8, 1.2))  # noqa: S311
        try:
            while await _sweep_once(settings, telemetry, instruments, store) == _MOST_AT_ONCE:
                pass
        except StoreDown:
            telemetry.log.warning("idle sessions not looked for: the database gave no answer")
        except Exception:
            # The task has to outlive a sweep that fails for a reason nobody thought of.
            telemetry.log.exception("looking for idle sessions failed", extra={"error_flag": True})


async def _sweep_once(
    settings: DialogSettings, telemetry: Telemetry, instruments: DialogInstruments, store: Store
) -> int:
    ended = await store.end_idle_sessions(settings.idle_timeout_s, _MOST_AT_ONCE)
    for session in ended:
        instruments.count_end(session.outcome)
        telemetry.emit(
            "session_ended",
            session_id=session.session_id,
            outcome=session.outcome,
            turns=session.turns,
        )
    return len(ended)
