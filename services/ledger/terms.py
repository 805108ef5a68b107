"""Words of the logs, and the end of time, as the ledger's proofs and its audit read them."""

from datetime import UTC, datetime

FAR = datetime.max.replace(tzinfo=UTC)  # no end
ZONE = "zone_committee"
HELPERS = ("service_station", "partner_site")  # they help, and can hold nothing (R059, R210, R211)
EXERCISED = ("accept", "preliminary_review", "substantive_review", "decide", "seal")  # facets
FINISH = "finish_if_reviewed"  # what becomes of cases in hand (R131, R181)
