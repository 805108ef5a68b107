"""The eventsourcing library's own cases for an application recorder, on our log."""


import pytest
from eventsourcing.tests.persistence import ApplicationRecorderTestCase

from shared.database import Database
from shared.log.recorder import LogRecorder
from shared.log.store import Log
from shared.migrate import as_role
from shared.settings import Settings
from tests.integration.conftest import Sequencing
from tests.waiting import PATIENCE


class TestLogRecorder(ApplicationRecorderTestCase[LogRecorder]):
    """Runs against the service's own role, with a sequencer at work beside it."""

    @pytest.fixture(autouse=True)
    def _log(self, empty_log: Settings, sequencing: Sequencing) -> None:
        self.settings = empty_log

    def create_recorder(self) -> LogRecorder:
        log = Log(Database(as_role_dsn(self.settings), size=12))
        return LogRecorder(log, sequencing_timeout=PATIENCE)

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


def as_role_dsn(settings: Settings) -> str:
    """Where catalog's log is, with catalog's own role."""
    from dataclasses import replace

    return replace(settings, database_url=as_role(settings, "catalog")).dsn("catalog")
