"""A static page with the TensorFlow.js model."""
