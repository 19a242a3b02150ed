"""Environments with other releases of a runtime."""
