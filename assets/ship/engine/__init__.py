"""Steps, what is known of each, and why one is done again."""
