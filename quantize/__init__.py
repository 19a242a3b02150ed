"""Smaller versions of the model, one recipe per file."""
