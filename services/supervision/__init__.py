"""Supervision: who owes what by when, what was missed, and which decisions lacked authority."""
