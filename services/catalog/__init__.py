"""Catalogue: programmes, organs, towns and power items."""
