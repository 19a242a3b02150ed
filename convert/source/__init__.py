"""The Keras model that is converted, traced once for all formats."""
