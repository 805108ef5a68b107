"""A service's own copy of the catalogue, fed by catalog's facts."""
