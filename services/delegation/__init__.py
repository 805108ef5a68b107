"""Delegation: claims, lists, agreements, seals, grants, recalls, transfers."""
