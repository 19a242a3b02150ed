"""Scores, their intervals, and decisions by them."""
