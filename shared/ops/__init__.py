"""What operators see of a process: counters, gauges, health and readiness."""
