"""Swap a backend's frozen graph under a running service, and swap it back."""
