"""A run made of a model that was trained elsewhere."""
