"""What catalog reads: projections, and answers to questions."""

from services.catalog.readmodel.items import items
from services.catalog.readmodel.lists import lists
from shared.projection import Projection
from shared.register.projection import register

readmodel = Projection(register, lists, items)
