"""Structured logs: one JSON object a line, on standard error."""

import logging
import os
import re
import sys
from typing import Any

import structlog
from structlog.processors import JSONRenderer, TimeStamper, format_exc_info
from structlog.stdlib import ProcessorFormatter, add_log_level, add_logger_name

PASSWORD = re.compile(r"(://[^:@/\s]*:)[^@/\s]+@")


def configure(service: str, level: int | None = None) -> None:
    """Let structlog, the libraries' loggers and what ends the process write JSON lines.

    Args:
        level: from which on; without it, as FUQUAN_LOG says (``info``, ``warning``, ``error``).
    """
    named = logging.getLevelNamesMapping().get(os.environ.get("FUQUAN_LOG", "").upper())
    told = level or named or logging.INFO
    begin: list[Any] = [
        add_log_level, TimeStamper(fmt="iso", utc=True), format_exc_info,
        lambda _, __, event: {"service": service, **event},
    ]
    end: list[Any] = [JSONRenderer(ensure_ascii=False), _without_passwords]
    structlog.configure(
        processors=[*begin, *end],
        wrapper_class=structlog.make_filtering_bound_logger(told),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    libraries = logging.StreamHandler(sys.stderr)
    libraries.setFormatter(ProcessorFormatter(
        foreign_pre_chain=[add_logger_name, *begin],
        processors=[ProcessorFormatter.remove_processors_meta, *end],
    ))
    logging.basicConfig(level=max(told, logging.WARNING), handlers=[libraries])
    # kombu wonders at every connection that memory:// names no host; nameko prints a trace for
    # every refusal, which is an answer and no error
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # it tells of every probe
    for noisy in ("kombu.connection", "nameko.containers"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    sys.excepthook = lambda *failure: structlog.get_logger().critical(
        "process.failed", exc_info=failure
    )


def _without_passwords(_: Any, __: str, line: str) -> str:
    """Kombu hides the password of a URL's first host and tells the others'."""
    return PASSWORD.sub(r"\1********@", line)
