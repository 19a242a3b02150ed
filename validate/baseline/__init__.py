"""The last accepted report, and what got worse since."""
