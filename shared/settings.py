"""What a process is told by its environment; nothing here has a secret default."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

SERVICES = ("catalog", "delegation", "cases", "supervision")
A_DAY = 86_400.0
OFF = ("", "0", "off")
WITH_DATABASE = (*SERVICES, "ledger")


class NotConfigured(RuntimeError):
    """A required variable is missing; the message says which and what to set."""


@dataclass(frozen=True)
class Settings:
    """One process's settings.

    Args:
        database_url: ``postgresql://role:password@host:port/``; the database is chosen per service.
        amqp_url: ``amqp://…`` (several with ``;``, TLS: `shared.bus.broker`) or ``memory://``.
        deployment: names the log's origin, ``fuquan/<deployment>/<service>``.
        prefix: of databases and roles in the cluster.
        keys: folder of the signing keys and of the last signed checkpoints.
        public_keys: where the relay shows the verifier keys too, for processes that are not to see
            the private ones; their own `keys` is this folder.
        ops: ``host:port`` of the operators' side door (probes, metrics); empty for none.
        witness: folder of the ledger's own key, where that is not to lie beside the logs' keys.
        driven_clock: the commands bring the time along (demo and tests); else the wall clock rules.
        due_every: seconds from one question of the timer, what is due, to the next.
        sm: checkpoints carry an SM3 root and an SM2 signature too; the relay needs `openssl`.
    """

    database_url: str = field(default="", repr=False)  # its password shows in no trace
    amqp_url: str = field(default="memory://", repr=False)
    deployment: str = "local"
    prefix: str = "fuquan_"
    keys: Path = Path(".fuquan/keys")
    public_keys: Path | None = None
    witness: Path | None = None
    driven_clock: bool = False
    due_every: float = 60.0
    sm: bool = False
    http_host: str = "127.0.0.1"
    http_port: int = 8080
    ops: str = ""

    @classmethod
    def from_environment(cls, *, broker: bool = True) -> "Settings":
        """The settings of this process.

        Args:
            broker: whether it needs one.

        Raises:
            NotConfigured: FUQUAN_AMQP_URL is not set, though a broker is needed, or
                FUQUAN_DUE_EVERY is no number of seconds.
        """
        return cls(
            database_url=os.environ.get("FUQUAN_DATABASE_URL", ""),
            amqp_url=(
                _required("FUQUAN_AMQP_URL", "amqp://user:password@host:5672/") if broker else ""
            ),
            deployment=os.environ.get("FUQUAN_DEPLOYMENT", "local"),
            prefix=os.environ.get("FUQUAN_PREFIX", "fuquan_"),
            keys=Path(os.environ.get("FUQUAN_KEYS", ".fuquan/keys")),
            public_keys=_folder("FUQUAN_PUBLIC_KEYS"),
            witness=_folder("FUQUAN_WITNESS"),
            driven_clock=os.environ.get("FUQUAN_CLOCK") == "driven",
            due_every=_seconds("FUQUAN_DUE_EVERY", "60"),
            sm=os.environ.get("FUQUAN_SM", "") not in OFF,
            http_host=os.environ.get("FUQUAN_HTTP_HOST", "127.0.0.1"),
            http_port=int(os.environ.get("FUQUAN_HTTP_PORT", "8080")),
            ops=os.environ.get("FUQUAN_OPS", ""),
        )

    def environment(self) -> dict[str, str]:
        """The variables from which a child process reads these same settings."""
        return {
            "FUQUAN_DATABASE_URL": self.database_url,
            "FUQUAN_AMQP_URL": self.amqp_url,
            "FUQUAN_DEPLOYMENT": self.deployment,
            "FUQUAN_PREFIX": self.prefix,
            "FUQUAN_KEYS": str(self.keys),
            "FUQUAN_PUBLIC_KEYS": str(self.public_keys or ""),
            "FUQUAN_WITNESS": str(self.witness or ""),
            "FUQUAN_CLOCK": "driven" if self.driven_clock else "system",
            "FUQUAN_DUE_EVERY": f"{self.due_every:g}",
            "FUQUAN_SM": "on" if self.sm else "off",
            "FUQUAN_HTTP_HOST": self.http_host,
            "FUQUAN_HTTP_PORT": str(self.http_port),
            "FUQUAN_OPS": self.ops,
        }

    def server(self) -> str:
        """The database server's URL as given.

        Raises:
            NotConfigured: FUQUAN_DATABASE_URL is not set.
        """
        if not self.database_url:
            raise NotConfigured("FUQUAN_DATABASE_URL is not set; give it, e.g. postgresql://role:password@host:5432/")
        return self.database_url

    def dsn(self, service: str) -> str:
        """Where the database of *service* is, with this process's own role."""
        return urlunsplit(urlsplit(self.server())._replace(path=f"/{self.prefix}{service}"))

    def side_door(self, after: int = 0) -> tuple[str, int] | None:
        """Host and port of the operators' side door, *after* ports further on; None without one.

        Raises:
            NotConfigured: FUQUAN_OPS is no ``host:port``.
        """
        if not self.ops:
            return None
        host, _, port = self.ops.rpartition(":")
        if not (host and port.isdecimal()):
            raise NotConfigured(
                f"FUQUAN_OPS={self.ops} is no host:port; set e.g. FUQUAN_OPS=127.0.0.1:9100"
            )
        return host, int(port) + after

    def origin(self, service: str) -> str:
        """The checkpoint origin of a service's log (C2SP tlog-checkpoint)."""
        return f"fuquan/{self.deployment}/{service}"


def _folder(name: str) -> Path | None:
    return Path(told) if (told := os.environ.get(name)) else None


def _seconds(name: str, usual: str) -> float:
    told = os.environ.get(name) or usual
    try:
        seconds = float(told)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= A_DAY:
        raise NotConfigured(f"{name}={told} is no number of seconds; set e.g. {name}={usual}")
    return seconds


def _required(name: str, example: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise NotConfigured(f"{name} is not set; give it, e.g. {name}={example}")
    return value
