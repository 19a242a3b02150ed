"""Scores of heads, parity with the reference, and flips."""
