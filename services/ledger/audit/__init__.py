"""The audit: a second opinion on every recorded act, from the rules and the logs alone."""
