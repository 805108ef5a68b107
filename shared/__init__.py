"""What at least two services use; it imports no service."""
