"""Where to cut time so that no turn lies on the cut. Times are seconds since the Unix epoch."""

import itertools
import math
from collections.abc import Iterable


def last_quiet_point(
    times: Iterable[float], latest: float, earliest: float, quiet: float
) -> float | None:
    """The latest moment in [earliest, latest] with no event within `quiet` seconds of it.

    None when the events leave no such gap.
    """
    ordered = [-math.inf, *sorted(times), math.inf]
    for before, after in reversed(list(itertools.pairwise(ordered))):
        moment = min(after - quiet, latest)
        if moment < earliest:
            return None
        if moment >= before + quiet:
            return moment
    return None
