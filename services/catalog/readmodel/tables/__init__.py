"""Item catalogues as tables: what a file would change, found out before anything is recorded."""
