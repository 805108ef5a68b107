"""The ledger: mirrors every log, verifies it, and answers the auditors (账本)."""
