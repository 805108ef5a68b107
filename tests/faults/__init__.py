"""Faults put into a running system, and what has to hold after each: `make faults`."""
