"""Rewrites of graphs that several formats need."""
