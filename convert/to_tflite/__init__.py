"""TFLite, with its metadata."""
