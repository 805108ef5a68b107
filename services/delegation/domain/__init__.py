"""The rules of delegation: pure, no clock, no input or output."""
