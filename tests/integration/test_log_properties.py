"""The log against a model in memory: any sequence of appends, retries, stale versions, batches."""

from uuid import UUID, uuid4, uuid5

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.database import Database
from shared.log.store import Append, Log, Outcome, request_hash
from shared.log.tree import leaf_hash, root_of
from shared.settings import Settings
from tests.integration.conftest import role_of

STREAMS, COMMANDS = 3, 12

steps = st.lists(
    st.lists(
        st.tuples(
            st.integers(0, COMMANDS - 1), st.integers(0, STREAMS - 1), st.integers(0, 4),
            st.integers(1, 3), st.integers(0, 1)
        ),
        min_size=1, max_size=4, unique_by=(lambda step: step[0], lambda step: step[1]),
    ),
    max_size=12,
)


class Model:
    """What the log must answer."""

    def __init__(self) -> None:
        self.versions: dict[UUID, int] = {}
        self.seen: dict[UUID, tuple[bytes, int]] = {}

    def append(self, one: Append) -> Outcome:
        if one.command in self.seen:
            request, version = self.seen[one.command]
            if request == one.request:
                return Outcome("duplicate", version)
            return Outcome("key-reused", None)
        if self.versions.get(one.stream, 0) != one.expected:
            return Outcome("conflict", None)
        version = one.expected + len(one.types)
        self.versions[one.stream], self.seen[one.command] = version, (one.request, version)
        return Outcome("ok", version)


@settings(max_examples=60, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=steps)
def test_every_outcome_is_the_models_and_the_order_is_dense(
    empty_log: Settings, batches: list[list[tuple[int, ...]]]
) -> None:
    run = uuid4()  # streams of its own: the log keeps every example's events
    database = Database(role_of(empty_log, "catalog").dsn("catalog"), size=1)
    relay = Database(role_of(empty_log, "relay").dsn("catalog"), size=1, search_path="log")
    log, model = Log(database), Model()
    before = log.size()

    for batch in batches:
        appends = [
            Append(
                uuid5(run, f"c{command}"), uuid5(run, f"s{stream}"), expected, "op",
                request_hash(b"%d" % body),
                ["catalog.ItemListed"] * n, [b"%d" % i for i in range(n)],
            )
            for command, stream, expected, n, body in batch
        ]
        wanted = [model.append(one) for one in appends]
        got = log.append_batch(appends) if len(appends) > 1 else [log.append(appends[0])]
        assert got == wanted

    relay.rows("SELECT log.integrate(1000)")
    entries = log.entries(before, 10_000)
    after = before + sum(model.versions.values())
    assert [e.position for e in entries] == list(range(before, after))
    leaves = database.rows(
        "SELECT leaf_hash FROM log.entry WHERE position >= %s ORDER BY position", (before,)
    )
    computed = root_of(leaf_hash(e.envelope) for e in entries)
    assert root_of(bytes(leaf) for (leaf,) in leaves) == computed
    database.close()
    relay.close()
