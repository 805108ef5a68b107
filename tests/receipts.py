"""A receipt over made-up logs, put together here so that the checker is tried on another's work."""

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.log.tree import inclusion_proof, leaf_hash, root_of

GOLDEN = Path(__file__).parents[1] / "shared" / "contracts" / "golden"
SIZE = 64
AT = {"approval": 40, "acceptance": 38, "grant": 11, "item": 63}
WITNESSED_AT = 1_700_000_000


def key_of(name: str, kind: int, private: Ed25519PrivateKey) -> str:
    """The verifier key, as C2SP signed-note spells it."""
    raw = bytes([kind]) + private.public_key().public_bytes_raw()
    hashed = sha256(name.encode() + b"\n" + raw).digest()[:4]
    return f"{name}+{hashed.hex()}+{b64encode(raw).decode()}"


def line_of(key: str, signature: bytes) -> str:
    """A signature line under the name and hash of *key*."""
    name, hashed, _ = key.split("+", 2)
    return f"— {name} {b64encode(bytes.fromhex(hashed) + signature).decode()}\n"


def golden(name: str, **changed: Any) -> dict[str, Any]:
    """The example data of a contract, with some values changed."""
    return json.loads((GOLDEN / f"{name}.v1.json").read_text("utf-8"))["data"] | changed


class Logs:
    """Three signed and witnessed logs of 64 entries, with the facts of one approval among them."""

    def __init__(self, county: str = "fuquan/county") -> None:
        self.county = county
        self.private = {
            name: Ed25519PrivateKey.generate() for name in ("cases", "delegation", "catalog")
        }
        self.witness = Ed25519PrivateKey.generate()
        grant = golden("ItemDelegated")
        authority = golden("ApprovalIssued")["authority"] | {
            "grant_id": grant["grant_id"], "grant_position": AT["grant"], "facet": "decide",
            "org_id": "MD2023-TOWN-08-CENTRE",
        }
        self.data = {
            "approval": ("cases", "ApprovalIssued", golden(
                "ApprovalIssued", grant_id=grant["grant_id"], authority=authority,
                town_id="MD2023-TOWN-08", decided_at="2023-07-05T02:30:00+00:00",
            )),
            "acceptance": ("cases", "CaseAccepted", golden("CaseAccepted")),
            "grant": ("delegation", "ItemDelegated", grant),
            "item": ("catalog", "ItemListed", golden("ItemListed")),
        }
        self.data["acceptance"][2]["case_id"] = self.data["approval"][2]["case_id"]

    def trusted(self) -> list[str]:
        """Every log's key and the witness's."""
        return [
            *(key_of(f"{self.county}/{name}", 1, key) for name, key in self.private.items()),
            key_of(f"{self.county}/ledger", 4, self.witness),
        ]

    def envelope(self, role: str) -> str:
        """The recorded bytes of a fact."""
        source, name, data = self.data[role]
        return json.dumps({
            "data": data, "recorded_at": "2023-07-05T02:31:00+00:00", "source": source,
            "stream": "80ef552f-dad6-5b03-9c32-fd2a0a58059e", "type": f"{source}.{name}",
        }, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def entries(self, source: str) -> list[bytes]:
        """The entries of one log."""
        found = [f"{source} {nth}".encode() for nth in range(SIZE)]
        for role, (of, _, _) in self.data.items():
            if of == source:
                found[AT[role]] = self.envelope(role).encode()
        return found

    def checkpoint(self, source: str, size: int = SIZE) -> str:
        """The signed and cosigned note of one log."""
        origin = f"{self.county}/{source}"
        root = root_of(map(leaf_hash, self.entries(source)[:size]))
        text = f"{origin}\n{size}\n{b64encode(root).decode()}\n"
        private = self.private[source]
        seen = f"cosignature/v1\ntime {WITNESSED_AT}\n{text}"
        cosigned = WITNESSED_AT.to_bytes(8, "big") + self.witness.sign(seen.encode())
        return (
            f"{text}\n"
            + line_of(key_of(origin, 1, private), private.sign(text.encode()))
            + line_of(key_of(f"{self.county}/ledger", 4, self.witness), cosigned)
        )

    def proof(self, role: str, index: int | None = None, size: int = SIZE) -> str:
        """The tlog-proof of a fact."""
        source = self.data[role][0]
        at = AT[role] if index is None else index
        path = inclusion_proof(at, [leaf_hash(one) for one in self.entries(source)[:size]])
        hashes = "".join(b64encode(step).decode() + "\n" for step in path)
        return f"c2sp.org/tlog-proof@v1\nindex {at}\n{hashes}\n{self.checkpoint(source, size)}"

    def parts(self) -> list[dict[str, str]]:
        """The facts of the receipt, the approval first."""
        return [
            {"role": role, "source": self.data[role][0], "envelope": self.envelope(role),
             "proof": self.proof(role)}
            for role in self.data
        ]

    def receipt(self, parts: list[dict[str, str]] | None = None) -> bytes:
        """The file."""
        told = {
            "format": "fuquan-receipt/v1", "case": self.data["approval"][2]["case_id"],
            "facts": self.parts() if parts is None else parts,
        }
        return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()
