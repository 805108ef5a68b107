"""Go's own transparency log reads our folders, notes and proofs, and refuses what we refuse."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from services.ledger.folder import Folder
from services.ledger.published import Unsound, checked
from shared.cli import app
from shared.database import Database
from shared.log.checkpoint import Checkpoint, sign_checkpoint
from shared.log.cosignature import Witness, cosign
from shared.log.note import Signer
from shared.log.proof import Proof
from shared.log.tree import leaf_hash, root_of
from shared.migrate import as_role
from shared.settings import Settings
from tests.oracle import Oracle, Refused
from tests.world import World

ORIGIN = "fuquan/county/cases"
SIGNER = Signer.generate(ORIGIN)
KEYS = [SIGNER.verifier]
WITNESS = Signer.generate("fuquan/city/ledger")
SIZES = [1, 2, 255, 256, 257, 513, 2_049, 65_537]
ENTRIES = [b"%d " % nth + Random(nth).randbytes(nth % 90) for nth in range(SIZES[-1])]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    return Oracle(tmp_path_factory.mktemp("go"))


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Folder]:
    """A folder of so many entries, grown in the given steps."""

    def write(*sizes: int, extra: str = "") -> Folder:
        folder = Folder(tmp_path / "log")
        for size in sizes:
            checkpoint = Checkpoint(ORIGIN, size, root_of(LEAVES[:size]))
            note = sign_checkpoint(checkpoint, SIGNER) + extra
            folder.extend(ENTRIES[folder.size():size], note)
        return folder

    return write


@pytest.mark.parametrize("size", SIZES)
def test_go_accepts_our_tiles_notes_and_proofs_of_any_size(
    oracle: Oracle, written: Callable[..., Folder], size: int
):
    tree = written(size).tree()
    chance = Random(size)
    places = {0, size - 1, *(chance.randrange(size) for _ in range(20))}
    older = {1, size, *(chance.randrange(1, size + 1) for _ in range(20))}

    found = oracle.folder(
        written(size).root, KEYS,
        records=[(place, tree.inclusion(place)) for place in places],
        trees=[(old, root_of(LEAVES[:old]), tree.consistency(old)) for old in older],
    )

    bundles = -(-size // 256)
    assert found == {
        "origin": ORIGIN, "size": size, "root": root_of(LEAVES[:size]).hex(), "signers": [ORIGIN],
        "entries": size, "records": 3 * bundles + len(places), "trees": len(older),
    }


def test_go_accepts_a_folder_that_grew_with_its_log(
    oracle: Oracle, written: Callable[..., Folder]
):
    folder = written(1, 200, 256, 300, 700)

    assert oracle.folder(folder.root, KEYS)["entries"] == 700


def test_go_accepts_a_checkpoint_with_a_witnesss_cosignature(
    oracle: Oracle, written: Callable[..., Folder]
):
    text = Checkpoint(ORIGIN, 300, root_of(LEAVES[:300])).text()
    folder = written(300, extra=cosign(text, 1_700_000_000, WITNESS))

    assert oracle.folder(folder.root, KEYS)["signers"] == [ORIGIN]
    assert oracle.folder(folder.root, [*KEYS, Witness.of(WITNESS)])["signers"] == [
        ORIGIN, "fuquan/city/ledger",
    ]


def test_go_accepts_our_proof_text(
    oracle: Oracle, written: Callable[..., Folder], tmp_path: Path
):
    folder = written(300)
    proof, entry = tmp_path / "proof", tmp_path / "entry"
    note = (folder.root / "checkpoint").read_text("utf-8")
    proof.write_text(Proof(211, tuple(folder.tree().inclusion(211)), note).text(), "utf-8")
    entry.write_bytes(ENTRIES[211])

    assert oracle.proof(proof, entry, KEYS)["size"] == 300
    entry.write_bytes(ENTRIES[212])
    with pytest.raises(Refused, match="invalid transparency proof"):
        oracle.proof(proof, entry, KEYS)


def test_go_accepts_the_logs_that_the_command_writes(
    oracle: Oracle, world: World, migrated: Settings, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    world.imported("ST2021", "MD2023")
    signer = Signer.generate(migrated.origin("catalog"))
    size = _sign(migrated, signer)
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "catalog.vkey").write_text(f"{signer.verifier}\n", "utf-8")
    monkeypatch.setenv("FUQUAN_DATABASE_URL", as_role(migrated, "ledger"))
    monkeypatch.setenv("FUQUAN_PREFIX", migrated.prefix)
    monkeypatch.setenv("FUQUAN_DEPLOYMENT", migrated.deployment)
    monkeypatch.setenv("FUQUAN_KEYS", str(keys))

    ended = CliRunner().invoke(app, ["ledger", "tiles", str(tmp_path)])
    told = CliRunner().invoke(app, ["ledger", "keys"]).stdout.split()

    assert (ended.exit_code, told) == (0, [str(signer.verifier)])
    assert oracle.folder(tmp_path / "catalog", told)["entries"] == size > 256
    assert CliRunner().invoke(app, ["ledger", "check", str(tmp_path)]).exit_code == 0


def _sign(settings: Settings, signer: Signer) -> int:
    """Sign the catalog's log as it stands; returns its size."""
    database = Database(settings.dsn("catalog"), size=1, search_path="log")
    leaves = database.rows("SELECT leaf_hash FROM log.entry ORDER BY position")
    root = root_of(bytes(leaf) for (leaf,) in leaves)
    note = sign_checkpoint(Checkpoint(signer.name, len(leaves), root), signer)
    database.rows(
        "INSERT INTO log.checkpoint (size, root, note) VALUES (%s, %s, %s) RETURNING 1",
        (len(leaves), root, note),
    )
    database.close()
    return len(leaves)


FILES = [
    "checkpoint", "tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/001",
    "tile/entries/002.p/88",
]


@pytest.mark.parametrize("name", FILES)
def test_go_and_we_refuse_a_folder_with_one_byte_flipped(
    oracle: Oracle, written: Callable[..., Folder], name: str
):
    folder = written(600)
    path = folder.root / name
    whole = path.read_bytes()
    chance = Random(name)
    for _ in range(5):
        place = chance.randrange(len(whole))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1:])

        with pytest.raises(Refused):
            oracle.folder(folder.root, KEYS)
        assert isinstance(checked(folder.root, ORIGIN, KEYS), Unsound)


@pytest.mark.parametrize("name", FILES)
def test_go_and_we_refuse_a_folder_that_misses_a_file(
    oracle: Oracle, written: Callable[..., Folder], name: str
):
    folder = written(600)
    (folder.root / name).unlink()

    with pytest.raises(Refused):
        oracle.folder(folder.root, KEYS)
    assert isinstance(checked(folder.root, ORIGIN, KEYS), Unsound)


def test_go_refuses_another_key_and_a_proof_of_another_place(
    oracle: Oracle, written: Callable[..., Folder]
):
    folder = written(300)
    path = folder.tree().inclusion(7)

    with pytest.raises(Refused, match="no verifiable signatures"):
        oracle.folder(folder.root, [Signer.generate(ORIGIN).verifier])
    with pytest.raises(Refused, match="the proof of entry 8 is another"):
        oracle.folder(folder.root, KEYS, records=[(8, path)])
