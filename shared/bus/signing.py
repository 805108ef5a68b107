"""With which keys a relay signs its log: hand-overs are read from the log itself (keys.md)."""

from dataclasses import dataclass, field

from psycopg2.extensions import connection

from shared.bus.stopped import KeyAway
from shared.log.keyring import Held, algorithms, hand_out, show
from shared.log.keys import Verifier
from shared.log.signer import Signer
from shared.log.trust import Rotation, rotation_in, stream_of
from shared.settings import Settings

ROTATION = (
    "SELECT n.position, e.envelope FROM log.event e JOIN log.entry n USING (ord)"
    " WHERE e.stream = %s AND e.version = 1 AND n.position < %s"
)


@dataclass
class _Lane:
    """One algorithm: the key in use, and where the log hands over to the next."""

    held: Held
    signer: Signer
    ending: Rotation | None = None
    following: Signer | None = field(default=None, repr=False)


class Signing:
    """The keys of one log, as its relay uses them.

    Args:
        settings: with the folder of the keys, and whether SM2 signs too.
        source: the service whose log it is.

    Raises:
        NoteError: ``bad-key``: a key file, or the file of verifier keys, holds none.
        OpenSslAway: SM2 is asked for, and there is no `openssl`.
    """

    def __init__(self, settings: Settings, source: str) -> None:
        self.source = source
        self._public = settings.keys / f"{source}.vkey"
        self._shown = settings.public_keys
        self._lanes = []
        for algorithm in algorithms(sm=settings.sm):
            held = Held(settings.keys, source, settings.origin(source), algorithm)
            self._lanes.append(_Lane(held, held.made()))
        self.hand_out()

    def look(self, held: connection, size: int, signed: int) -> None:
        """Read which keys have handed over within the log's first *size* entries.

        Args:
            signed: size of the last checkpoint; a hand-over that it covers is over.

        Raises:
            KeyAway: the log hands over to another key than the next one here.
        """
        for lane in self._lanes:
            lane.signer = lane.held.made()  # another relay may have finished a rotation
            lane.ending, lane.following = None, None
            while rotation := self._told(held, lane.signer.verifier, size):
                following = lane.held.next()
                if following is None or following.verifier != rotation.new:
                    raise KeyAway(
                        f"{self.source}: entry {rotation.position} hands over to {rotation.new},"
                        f" and {lane.held.next_path} is not that key; bring it here"
                    )
                if rotation.position >= signed:
                    lane.ending, lane.following = rotation, following
                    break
                lane.held.succeed()
                lane.signer = lane.held.made()

    def signers(self) -> list[Signer]:
        """Who signs the next checkpoint: where it covers a rotation, both keys."""
        return [
            one for lane in self._lanes for one in (lane.signer, lane.following) if one is not None
        ]

    def hand_out(self) -> None:
        """Make the verifier keys known, before anything signed by a new one is."""
        for signer in self.signers():
            hand_out(self._public, signer.verifier)
        if self._shown is not None:
            show(self._public, self._shown)

    def signed(self) -> None:
        """The checkpoint is recorded: what it hands over, is handed over."""
        for lane in self._lanes:
            if lane.following is not None:
                lane.held.succeed()
                lane.signer, lane.ending, lane.following = lane.held.made(), None, None

    @staticmethod
    def _told(held: connection, key: Verifier, size: int) -> Rotation | None:
        with held.cursor() as at:
            at.execute(ROTATION, (str(stream_of(key)), size))
            told = [rotation_in(position, bytes(said)) for position, said in at]
        return next((one for one in told if one is not None and one.old == key), None)
