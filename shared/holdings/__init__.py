"""Who holds which facet of which power: intervals on two clocks, effective and recorded (R065, R222)."""
