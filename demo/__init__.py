"""A day in the life of five real programmes, played through the services' own doors."""
