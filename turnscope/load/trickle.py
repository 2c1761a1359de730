"""Demo traffic: a session about every 20 s, for as long as the process runs.

`python -m turnscope.load.trickle`; settings are TRICKLE_* in the environment. Each session runs in
a daemon thread of its own, so that a slow answer neither delays the next session nor the end.
"""

import math
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from itertools import count

from pydantic import ValidationError

from turnscope.load.answers import Answer, GatewayError
from turnscope.load.gateway_client import GatewayClient
from turnscope.load.scripts import SCRIPTS, Script, choose_lines
from turnscope.load.settings import TrickleSettings

LONGEST_BACKOFF_SECONDS = 60.0
# Sessions in flight get this long to notice the end; after it they are cut off.
GRACE_SECONDS = 1.0
# So few that some come back within a day with the same request, as repeat contact wants to see.
CUSTOMERS = 60
# Of the sessions that would end politely, those that are simply left.
LEFT_OPEN_CHANCE = 0.25


class Trickle:
    """Starts sessions by a Poisson process until `stop` is set.

    `tell` takes one sentence. While the gateway is away there is one sentence about it, and one
    when it is back.
    """

    def __init__(
        self,
        settings: TrickleSettings,
        gateway: GatewayClient,
        tell: Callable[[str], None],
        stop: threading.Event,
    ) -> None:
        self.settings = settings
        self.gateway = gateway
        self.tell = tell
        self.stop = stop
        self.chance = random.Random(settings.seed)  # noqa: S311 - chances of a demo
        self.places = threading.BoundedSemaphore(settings.at_once)
        self._away = 0
        self._lock = threading.Lock()

    def run(self) -> None:
        """Return once `stop` is set and the sessions had their moment to notice it."""
        for number in count():
            if self.stop.wait(self.pause()):
                break
            if self.places.acquire(blocking=False):
                seed = self.chance.getrandbits(32)
                threading.Thread(
                    target=self._run_session,
                    args=(random.Random(seed),),  # noqa: S311 - as above
                    name=f"s{number}",
                    daemon=True,
                ).start()
        deadline = time.monotonic() + GRACE_SECONDS
        for _ in range(self.settings.at_once):
            self.places.acquire(timeout=max(0.0, deadline - time.monotonic()))

    def pause(self) -> float:
        """Seconds until the next session; longer and longer while the gateway is away."""
        gap = self.chance.expovariate(1.0 / self.settings.mean_period_s)
        if not self._away:
            return gap
        backoff = self.settings.mean_period_s * 2.0 ** min(self._away, 10)
        return max(gap, min(backoff, LONGEST_BACKOFF_SECONDS))

    def hold_session(self, script: Script, chance: random.Random) -> None:
        """Say every line of the script, rate it perhaps, end it perhaps. GatewayError passes."""
        user = f"demo-customer-{chance.randrange(CUSTOMERS)}"
        last: Answer | None = None
        for line in choose_lines(script, chance):
            if last is not None and self.stop.wait(self._think(chance)):
                return
            last = self.gateway.chat(
                line,
                session_id=last.session_id if last else None,
                user_id=user,
                model=self.settings.model or None,
            )
            if last.ends_session:
                break
        if last is None:
            return
        if chance.random() < script.feedback_chance:
            self.gateway.feedback(last.session_id, turn_id=last.turn_id, thumbs=script.thumbs)
        polite = script.ends_politely and chance.random() >= LEFT_OPEN_CHANCE
        if polite and not last.ends_session:
            self.gateway.end(last.session_id)

    def note(self, error: GatewayError | None) -> None:
        """Keep whether the gateway is there, and tell when that changes."""
        with self._lock:
            was, self._away = self._away, self._away + 1 if error else 0
        if error and not was:
            self.tell(f"{str(error).rstrip('.')}; demo traffic waits.")
        elif was and not error:
            self.tell("The gateway answers: demo traffic goes on.")

    def _run_session(self, chance: random.Random) -> None:
        try:
            self.hold_session(chance.choice(SCRIPTS), chance)
            self.note(None)
        except GatewayError as error:
            # A refusal of one call (a session that ended meanwhile) is no absence.
            away = error.status is None or error.status >= 429 or error.status == 401
            self.note(error if away and not self.stop.is_set() else None)
        finally:
            self.places.release()

    def _think(self, chance: random.Random) -> float:
        mean = self.settings.mean_think_s
        # Log-normal with sigma 0.6: mostly short, sometimes long, never an hour.
        return min(mean * math.exp(chance.gauss(-0.18, 0.6)), 10 * mean)


def run_trickle(
    settings: TrickleSettings, tell: Callable[[str], None], stop: threading.Event
) -> int:
    """Run until `stop` is set; always 0."""
    with GatewayClient(settings.gateway_url, settings.key.get_secret_value()) as gateway:
        Trickle(settings, gateway, tell, stop).run()
    return 0


def main() -> int:
    """Entry of the process: SIGTERM and SIGINT end it within 2 s."""
    try:
        settings = TrickleSettings()
    except ValidationError as error:
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            print(f"TRICKLE_{name}: {problem['msg']}.", file=sys.stderr)
        return 2
    if not settings.key.get_secret_value():
        print(
            "TRICKLE_KEY: no key for the gateway; make up sets GATEWAY_LOAD_KEY.", file=sys.stderr
        )
        return 2
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return run_trickle(settings, lambda line: print(line, flush=True), stop)


if __name__ == "__main__":
    sys.exit(main())
