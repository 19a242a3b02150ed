"""What each step of `modelport ship` does."""
