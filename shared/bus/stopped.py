"""Why a relay signs and publishes no more, until somebody has looked."""


class Stopped(RuntimeError):
    """It would be wrong to go on; the message says what is the matter."""


class Forked(Stopped):
    """The log's root is not the one signed last: a restored or altered database; signing stops."""


class KeyAway(Stopped):
    """The log hands over to a key that is not in this relay's folder; nobody else's may sign."""
