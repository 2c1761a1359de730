"""Read client of the database: which turns the dialog manager answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import psycopg

from turnscope.stores.http import StoreRefusedError, StoreUnreachableError

CONNECT_SECONDS = 5
ANSWERED = """
    SELECT turn_id, session_id, turn_index, finished_at FROM dialog.turn
    WHERE finished_at >= %s AND finished_at < %s ORDER BY finished_at
"""


@dataclass(frozen=True, slots=True)
class AnsweredTurn:
    """One row of dialog.turn: the dialog manager gave an answer and stored it."""

    turn_id: str
    session_id: str
    turn_index: int
    finished_at: datetime


class Warehouse:
    """Queries over PostgreSQL. url: postgresql://..., SQLAlchemy's +psycopg is understood too."""

    name = "PostgreSQL"

    def __init__(self, url: str) -> None:
        self._dsn = url.replace("postgresql+psycopg://", "postgresql://", 1)
        parts = urlsplit(self._dsn)
        # What messages may show: the address without the password.
        self.url = f"postgresql://{parts.hostname}:{parts.port or 5432}{parts.path}"

    def answered_turns(self, start: datetime, end: datetime) -> list[AnsweredTurn]:
        """Turns with start <= finished_at < end, earliest first. Both times need a zone.

        Raises StoreUnreachableError without a server and StoreRefusedError without the table.
        """
        with self._connection() as connection:
            rows = connection.execute(ANSWERED, (start, end)).fetchall()
        return [
            AnsweredTurn(str(turn_id), str(session_id), turn_index, finished_at.astimezone(UTC))
            for turn_id, session_id, turn_index, finished_at in rows
        ]

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        try:
            with psycopg.connect(self._dsn, connect_timeout=CONNECT_SECONDS) as connection:
                yield connection
        except psycopg.OperationalError as error:
            raise StoreUnreachableError(
                f"PostgreSQL does not answer at {self.url}: {_first_line(error)}; "
                "is the stack up? make status"
            ) from error
        except psycopg.Error as error:
            raise StoreRefusedError(
                f"PostgreSQL at {self.url} refused the query: {_first_line(error)}; "
                "were the files of postgres/ applied? make up applies them"
            ) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
