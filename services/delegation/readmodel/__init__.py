"""What the delegation service reads: projections, look-ups, answers to questions."""

from services.delegation.readmodel.agreements import agreements
from services.delegation.readmodel.capability_facts import capability
from services.delegation.readmodel.grant_life import grant_life
from services.delegation.readmodel.grants import grants
from services.delegation.readmodel.handover import handovers
from services.delegation.readmodel.lists import lists
from services.delegation.readmodel.needs import needs
from services.delegation.readmodel.open_cases import open_cases
from services.delegation.readmodel.readiness import readiness
from services.delegation.readmodel.recalls import recalls
from services.delegation.readmodel.seals import seals
from services.delegation.readmodel.succession import successions
from shared.holdings.projection import holdings
from shared.projection import Projection
from shared.register.projection import register

readmodel = Projection(
    register, holdings, lists, agreements, seals, grants, grant_life, capability, handovers,
    readiness, needs, open_cases, recalls, successions,
)
