"""A foreign model rewritten as model.keras."""
