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
        self.at, self.version, self.done_at = dict(AT), {}, {}
        grant = golden("ItemDelegated")
        self.grant = grant["grant_id"]
        authority = golden("ApprovalIssued")["authority"] | {
            "grant_id": grant["grant_id"], "grant_position": AT["grant"], "facet": "decide",
            "org_id": "MD2023-TOWN-08-CENTRE", "item_position": AT["item"],
        }
        self.data = {
            "approval": ("cases", "ApprovalIssued", golden(
                "ApprovalIssued", grant_id=grant["grant_id"], authority=authority,
                town_id="MD2023-TOWN-08", decided_at="2023-07-05T02:30:00+00:00",
            )),
            "acceptance": ("cases", "CaseAccepted", golden(
                "CaseAccepted", case_id=golden("ApprovalIssued")["case_id"], item_id="MD23-04",
                grant_id=grant["grant_id"], authority=authority | {"facet": "accept"},
            )),
            "grant": ("delegation", "ItemDelegated", grant),
            "item": ("catalog", "ItemListed", golden("ItemListed", item_id="MD23-04")),
        }

    def relate(self, role: str, name: str, at: int, version: int = 1, /, **data: Any) -> None:
        """Add a fact; a second one of its role as ``grant/2``; it is shown with the others."""
        of_catalog = role.partition("/")[0] in {"item", "merger"}
        source = "catalog" if of_catalog else "delegation"
        self.data[role], self.at[role], self.version[role] = (source, name, data), at, version

    def rely_on(self, position: int) -> None:
        """Let every act pin its grant at *position*."""
        for role in ("approval", "acceptance"):
            self.data[role][2]["authority"]["grant_position"] = position

    def trusted(self) -> list[str]:
        """Every log's key and the witness's."""
        return [
            *(key_of(f"{self.county}/{name}", 1, key) for name, key in self.private.items()),
            key_of(f"{self.county}/ledger", 4, self.witness),
        ]

    def envelope(self, role: str) -> str:
        """The recorded bytes of a fact."""
        source, name, data = self.data[role]
        stream = {"cases": data.get("case_id"), "delegation": self.grant}.get(source, "item")
        return json.dumps({
            "data": data, "occurred_at": self.done_at.get(role, "2023-07-05T02:30:00+00:00"),
            "recorded_at": "2023-07-05T02:31:00+00:00", "source": source,
            "stream": stream, "type": f"{source}.{name}", "version": self.version.get(role, 1),
        }, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def entries(self, source: str) -> list[bytes]:
        """The entries of one log."""
        found = [f"{source} {nth}".encode() for nth in range(SIZE)]
        for role, (of, _, _) in self.data.items():
            if of == source:
                found[self.at[role]] = self.envelope(role).encode()
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
        at = self.at[role] if index is None else index
        path = inclusion_proof(at, [leaf_hash(one) for one in self.entries(source)[:size]])
        hashes = "".join(b64encode(step).decode() + "\n" for step in path)
        return f"c2sp.org/tlog-proof@v1\nindex {at}\n{hashes}\n{self.checkpoint(source, size)}"

    def parts(self) -> list[dict[str, str]]:
        """The facts of the receipt, the approval first."""
        return [
            {"role": role.partition("/")[0], "source": source, "envelope": self.envelope(role),
             "proof": self.proof(role)}
            for role, (source, _, _) in self.data.items()
        ]

    def receipt(self, parts: list[dict[str, str]] | None = None) -> bytes:
        """The file."""
        told = {
            "format": "fuquan-receipt/v1", "case": self.data["approval"][2]["case_id"],
            "facts": self.parts() if parts is None else parts,
        }
        return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()
