"""The gateway as a process."""

from services.gateway.app import make_app
from services.gateway.intake import Intake
from shared.entrypoints import Beside, Web


class GatewayService:
    """The edge, by HTTP and for other platforms' messages; it has no data and no rules."""

    name = "gateway"
    web = Web(make_app)
    intake = Beside(Intake)
