"""The commands of catalog, topic by topic."""
