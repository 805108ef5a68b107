"""The commands of the delegation service, by what they are about."""
