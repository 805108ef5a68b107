"""What others have published: trees, proofs and witnessed checkpoints, checked and damaged."""

from base64 import b64decode

import pytest

from shared.log.checkpoint import Checkpoint, open_checkpoint
from shared.log.cosignature import Witness, cosigned
from shared.log.note import NoteError, Verifier
from shared.log.tree import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

# RFC 9162, section 2.1.5: the tree of seven entries, with the names of its figure
A, B, C, D, E, F, J = LEAVES = [leaf_hash(b"d%d" % nth) for nth in range(7)]
G, H, I = node_hash(A, B), node_hash(C, D), node_hash(E, F)  # noqa: E741
K, L = node_hash(G, H), node_hash(I, J)
ROOT = node_hash(K, L)

# project-oak/oak, the tests of its tlog verifier: an entry of a log that was run
OAK_ENTRY, OAK_INDEX, OAK_SIZE = b"hello tesseroak\n", 76_958, 76_959
OAK_ROOT = b64decode("QYfrD7XAd4qUHbRBs4dDyDZwpZN4M/cccXr2G56pxkY=")
OAK_PATH = [b64decode(step) for step in (
    "fGRlLyuz+L9Jb8+uTSut/2aVc4z7fKFW+clvsb6xjEM=", "F6LautOHD5eppkWC0xn/lz00X5g2yLlZAkl2jCI/wdE=",
    "qH7OJxFNup+TDvJuohd2HphKVngfMeMzUK8QChEDcas=", "+Y3g758yXtPCRh/eqhLTA3bdcx+cCV1Uah0JdgB0YEs=",
    "vq8cJSjj8dPVmFBRUqDLlaMqW6aAYR2GKugVhgudXLs=", "J0z3X5qTb9WFC1gABhVFx0bW1rVZRL+DAoBL2e2h4G4=",
    "NmSbYg25xNFzTRerIsF3HbEMyTIDqW87AQd9ekzopE8=", "L8BZipjURnkctkjJtGJs+YyTXMssvNKA7+a8nV2JT/s=",
    "pva4RFzCejMkVMVmYc93As2lbk7WAyrw58TvrzEOjNc=",
)]

# The Certificate Transparency log arche2025h1 (staging), as its witnesses cosigned it
CT_LOG = "arche2025h1.staging.ct.transparency.dev"
CT_KEY = f"{CT_LOG}+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
CT_ROOT = "U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro="
CT_NOTE = (
    f"{CT_LOG}\n1432088532\n{CT_ROOT}\n\n"
    f"— {CT_LOG} zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2"
    "BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=\n"
    f"— {CT_LOG} ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7R"
    "y1k3ZFWwQ=\n"
    "— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rh"
    "IgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==\n"
    "— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ7"
    "5W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==\n"
    "— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXT"
    "ynk5XeU/zZ0WBxtqB0DrAWfBw==\n"
)
WITNESSES = [
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
]
WITNESSED_AT = 0x6A122120

# transparency-dev/merkle, testdata/consistency/2/happy-path.json: from 6 entries to 8
OLD_ROOT = b64decode("duZ9rbzfHhDht03cYIq9L5jfsW+851J3tSMqEn8gh+8=")
NEW_ROOT = b64decode("XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=")
GROWN = [b64decode(step) for step in (
    "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=", "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
    "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
)]


@pytest.mark.parametrize(("index", "path"), [
    (0, [B, H, L]), (3, [C, G, L]), (4, [F, J, K]), (6, [I, K]),
])
def test_inclusion_proofs_of_the_rfcs_tree_are_those_of_its_text(index, path):
    proof = inclusion_proof(index, LEAVES)

    assert proof == path
    assert verify_inclusion(index, 7, LEAVES[index], proof, ROOT)


@pytest.mark.parametrize(("old", "old_root", "path"), [
    (3, node_hash(G, C), [C, D, G, L]), (4, K, [L]), (6, node_hash(K, I), [I, J, K]),
])
def test_consistency_proofs_of_the_rfcs_tree_are_those_of_its_text(old, old_root, path):
    proof = consistency_proof(old, LEAVES)

    assert proof == path
    assert verify_consistency(old, 7, old_root, ROOT, proof)


def test_a_proof_out_of_another_projects_log_verifies():
    assert verify_inclusion(OAK_INDEX, OAK_SIZE, leaf_hash(OAK_ENTRY), OAK_PATH, OAK_ROOT)


@pytest.mark.parametrize(("index", "size", "entry", "path"), [
    (OAK_INDEX - 1, OAK_SIZE, OAK_ENTRY, OAK_PATH),
    (OAK_INDEX, OAK_SIZE + 1, OAK_ENTRY, OAK_PATH),
    (OAK_INDEX, OAK_SIZE, OAK_ENTRY.strip(), OAK_PATH),
    (OAK_INDEX, OAK_SIZE, OAK_ENTRY, OAK_PATH[:-1]),
    (OAK_INDEX, OAK_SIZE, OAK_ENTRY, OAK_PATH[1:]),
    (OAK_INDEX, OAK_SIZE, OAK_ENTRY, OAK_PATH[::-1]),
], ids=["index", "size", "entry", "truncated", "beheaded", "reversed"])
def test_that_proof_holds_for_nothing_else(index, size, entry, path):
    assert not verify_inclusion(index, size, leaf_hash(entry), path, OAK_ROOT)


def test_the_growth_another_project_published_is_consistent():
    assert verify_consistency(6, 8, OLD_ROOT, NEW_ROOT, GROWN)


@pytest.mark.parametrize(("old", "new", "old_root", "new_root", "path"), [
    (5, 8, OLD_ROOT, NEW_ROOT, GROWN),
    (7, 8, OLD_ROOT, NEW_ROOT, GROWN),
    (6 ^ 2, 8, OLD_ROOT, NEW_ROOT, GROWN),
    (6, 16, OLD_ROOT, NEW_ROOT, GROWN),
    (4, 4, OLD_ROOT, NEW_ROOT, GROWN),
    (6, 8, NEW_ROOT, OLD_ROOT, GROWN),
    (6, 8, bytes(32), NEW_ROOT, GROWN),
    (6, 8, OLD_ROOT, bytes(32), GROWN),
    (6, 8, OLD_ROOT, NEW_ROOT, []),
    (6, 8, OLD_ROOT, NEW_ROOT, GROWN[:-1]),
    (6, 8, OLD_ROOT, NEW_ROOT, [b"", *GROWN]),
    (6, 8, OLD_ROOT, NEW_ROOT, [*GROWN, b""]),
    (6, 8, OLD_ROOT, NEW_ROOT, [OLD_ROOT, *GROWN]),
    (6, 8, OLD_ROOT, NEW_ROOT, [NEW_ROOT, *GROWN]),
    (6, 8, OLD_ROOT, NEW_ROOT, [*GROWN, OLD_ROOT]),
    (6, 8, OLD_ROOT, NEW_ROOT, [*GROWN, NEW_ROOT]),
    (6, 8, OLD_ROOT, NEW_ROOT, [bytes([GROWN[0][0] ^ 16]) + GROWN[0][1:], *GROWN[1:]]),
])
def test_the_damages_that_project_published_are_inconsistent(old, new, old_root, new_root, path):
    assert not verify_consistency(old, new, old_root, new_root, path)


def test_a_witnessed_checkpoint_of_a_public_log_opens_with_the_logs_key():
    opened = open_checkpoint(CT_NOTE, CT_LOG, [Verifier.parse(CT_KEY)])

    assert opened == Checkpoint(CT_LOG, 1_432_088_532, b64decode(CT_ROOT))


def test_its_witnesses_saw_it_at_the_time_their_cosignatures_say():
    seen = cosigned(CT_NOTE, [Witness.parse(key) for key in WITNESSES])

    assert seen == {
        "witness1.smartit.nu/witness1": WITNESSED_AT, "remora.n621.de": WITNESSED_AT,
    }


@pytest.mark.parametrize("damaged", [
    CT_NOTE.replace("\n1432088532\n", "\n1432088533\n"),
    CT_NOTE.replace(CT_ROOT, CT_ROOT.replace("U7", "U8")),
    CT_NOTE.replace("2net5wAAAABqEiEg", "2net5wAAAABqEiEh"),
    CT_NOTE.replace("2net5wAAAABqEiEgPlfF", "2net5wAAAABqEiEgPlfG"),
], ids=["size", "root", "time", "signature"])
def test_nothing_of_it_can_be_changed_without_breaking_a_cosignature(damaged):
    with pytest.raises(NoteError) as wrong:
        cosigned(damaged, [Witness.parse(WITNESSES[0])])

    assert wrong.value.code == "bad-signature"
