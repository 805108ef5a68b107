"""The whole system, as its users start it."""
