"""`python -m demo_services.knowledge_base`: the knowledge base as a process of its own."""

from __future__ import annotations

import uvicorn

from demo_services.knowledge_base.app import create_app
from demo_services.knowledge_base.settings import KnowledgeBaseSettings

# One JSON object a request, as systems that nobody instrumented do write.
_LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "uvicorn.logging.AccessFormatter",
            "fmt": '{"time": "%(asctime)s", "request": "%(request_line)s", '
            '"status": "%(status_code)s"}',
            "use_colors": False,
        },
        "plain": {"format": '{"time": "%(asctime)s", "message": "%(message)s"}'},
    },
    "handlers": {
        "access": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "stream": "ext://sys.stdout",
        },
        "default": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "stream": "ext://sys.stdout",
        },
    },
    "loggers": {
        "uvicorn.access": {"handlers": ["access"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["default"], "level": "INFO", "propagate": False},
    },
}


def main() -> None:
    """Serve until a signal comes."""
    settings = KnowledgeBaseSettings()
    uvicorn.run(create_app(settings), host=settings.host, port=settings.port, log_config=_LOGGING)


if __name__ == "__main__":
    main()
