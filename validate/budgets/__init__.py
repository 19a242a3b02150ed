"""Budgets: their keys, their scope, their file."""
