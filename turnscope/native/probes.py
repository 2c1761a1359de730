"""Asks a part whether it answers."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from typing import Protocol

import psycopg

_TIMEOUT_S = 2


class Probe(Protocol):
    """How one part is asked."""

    def missing(self) -> str:
        """Why it does not answer yet; empty where it does."""


@dataclass(frozen=True)
class HttpProbe:
    """Any 2xx from 127.0.0.1:`port``path`. No proxy is asked."""

    port: int
    path: str

    def missing(self) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_TIMEOUT_S)
        try:
            connection.request("GET", self.path)
            response = connection.getresponse()
            text = response.read(300).decode(errors="replace").strip()
        except (OSError, http.client.HTTPException) as error:
            return f"port {self.port}: {error or type(error).__name__}"
        finally:
            connection.close()
        return "" if response.status < 300 else f"{self.path} says {response.status}: {text}"


@dataclass(frozen=True)
class DatabaseProbe:
    """Signs in: a server that starts up accepts the connection and refuses the session."""

    dsn: str

    def missing(self) -> str:
        try:
            psycopg.connect(self.dsn, connect_timeout=_TIMEOUT_S).close()
        except psycopg.Error as error:
            return str(error).strip().splitlines()[-1] if str(error) else type(error).__name__
        return ""


@dataclass(frozen=True)
class NoProbe:
    """For parts that listen nowhere: they run, or the supervisor says so."""

    def missing(self) -> str:
        return ""
