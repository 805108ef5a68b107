"""Relay, ordered consumer, parking: the log tells, the bus rings. DESIGN section 6."""
