"""Every message that crosses a service's border: events, their envelope, and requests."""
