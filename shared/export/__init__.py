"""Answers of the ledger as files for people and machines, each with its proof."""
