"""What the delegation service reads: projections, look-ups, answers to questions."""

from services.delegation.readmodel.agreements import agreements
from services.delegation.readmodel.grants import grants
from services.delegation.readmodel.lists import lists
from services.delegation.readmodel.seals import seals
from shared.holdings.projection import holdings
from shared.projection import Projection
from shared.register.projection import register

readmodel = Projection(register, holdings, lists, agreements, seals, grants)
