"""Frozen graphs (.pb), in the shape that an old client calls."""
