"""The old model and the new one, asked the same images."""
