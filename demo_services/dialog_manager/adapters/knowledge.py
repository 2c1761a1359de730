"""Reads the shop's records over HTTP."""

from __future__ import annotations

from urllib.parse import quote

from demo_services.common.http_client import Neighbour, NeighbourDown, NeighbourRefused
from demo_services.dialog_manager.lookups import Answered, Found
from demo_services.dialog_manager.moves import Lookup

_NOT_FOUND = 404


class HttpKnowledge:
    """`Knowledge` over one neighbour."""

    def __init__(self, neighbour: Neighbour) -> None:
        self._neighbour = neighbour

    async def look_up(self, lookup: Lookup) -> Answered:
        """A 404 means that there is no such record; every other refusal counts as an outage."""
        try:
            record = await self._neighbour.get_json(
                f"/{lookup.source}/{quote(lookup.key, safe='')}"
            )
        except NeighbourRefused as refused:
            return Answered(Found.NOTHING if refused.status == _NOT_FOUND else Found.OUTAGE)
        except NeighbourDown:
            return Answered(Found.OUTAGE)
        return Answered(Found.RECORD, record)
