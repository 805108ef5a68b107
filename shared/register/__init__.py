"""A service's own copy of the catalogue: programmes, organs, towns, items, modes; fed by catalog's facts."""
