"""What the law says about applications; pure."""
