"""The gateway as a process."""

from services.gateway.app import make_app
from shared.entrypoints import Web


class GatewayService:
    """The HTTP edge; it has no data and no rules of its own."""

    name = "gateway"
    web = Web(make_app)
