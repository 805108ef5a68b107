"""Many processes of the ledger start at the same moment on one folder of keys."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from services.ledger.cosigning import witness_key, witnesses_of
from shared.log.cosignature import Witness

LEDGERS, ROUNDS = 8, 20


def test_ledgers_that_start_at_once_cosign_with_one_key_and_none_reads_half_of_it(tmp_path: Path):
    def start(folder: Path, together: Barrier) -> str:
        together.wait()
        return str(Witness.of(witness_key(folder, "test")))

    for number in range(ROUNDS):
        folder, together = tmp_path / str(number), Barrier(LEDGERS)
        with ThreadPoolExecutor(LEDGERS) as pool:
            found = set(pool.map(start, [folder] * LEDGERS, [together] * LEDGERS))

        told = witnesses_of(folder / "ledger.vkey")
        assert found == {str(witness) for witness in told}
        assert len(told) == 1
