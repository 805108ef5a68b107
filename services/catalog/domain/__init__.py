"""The catalogue's rules, in the words of the notices."""
