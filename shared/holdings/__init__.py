"""Who holds which facet of which power: intervals on two clocks (R065, R222)."""
