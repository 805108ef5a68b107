"""The law of the supervision service: pure decisions on obligations, pushes, flags and notices."""
