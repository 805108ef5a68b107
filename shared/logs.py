"""Structured logs: one JSON object a line, on standard error."""

import logging
import os
import re
import sys

import structlog

PASSWORD = re.compile(r"(://[^:@/\s]*:)[^@/\s]+@")


class _Told(logging.Formatter):
    """Lines of libraries; kombu hides the password of a URL's first host and tells the others'."""

    def format(self, record: logging.LogRecord) -> str:
        return PASSWORD.sub(r"\1********@", super().format(record))


def configure(service: str, level: int | None = None) -> None:
    """Let structlog and the libraries' loggers write JSON lines that name the service.

    Args:
        level: from which on; without it, as FUQUAN_LOG says (``info``, ``warning``, ``error``).
    """
    named = logging.getLevelNamesMapping().get(os.environ.get("FUQUAN_LOG", "").upper())
    told = level or named or logging.INFO
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            lambda _, __, event: {"service": service, **event},
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(told),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    libraries = logging.StreamHandler(sys.stderr)
    libraries.setFormatter(_Told(
        f'{{"service": "{service}", "level": "%(levelname)s",'
        ' "logger": "%(name)s", "event": %(message)r}'
    ))
    logging.basicConfig(level=logging.WARNING, handlers=[libraries])
    # kombu wonders at every connection that memory:// names no host; nameko prints a trace for
    # every refusal, which is an answer and no error
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # it tells of every probe
    for noisy in ("kombu.connection", "nameko.containers"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
