"""Two relays start at the same moment on one folder of keys."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from shared.log.keyring import Held, hand_out
from shared.log.keys import verifiers_in

RELAYS, ROUNDS = 8, 3


def test_relays_that_start_at_once_sign_with_one_key_and_hand_it_out_once(tmp_path: Path):
    def start(folder: Path, together: Barrier) -> str:
        held = Held(folder, "catalog", "fuquan/test/catalog")
        together.wait()
        signer = held.made()
        hand_out(folder / "catalog.vkey", signer.verifier)
        return str(signer.verifier)

    for number in range(ROUNDS):
        folder, together = tmp_path / str(number), Barrier(RELAYS)
        with ThreadPoolExecutor(RELAYS) as pool:
            found = set(pool.map(start, [folder] * RELAYS, [together] * RELAYS))

        told = verifiers_in((folder / "catalog.vkey").read_text("utf-8"))
        assert found == {str(verifier) for verifier in told}
        assert len(told) == 1
