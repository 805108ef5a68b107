"""The services of Fuquan: one folder per bounded context."""
