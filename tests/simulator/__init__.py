"""A seeded simulator of relay, broker, inbox and policies, with a crash between any two steps."""
