"""TensorFlow.js graph models."""
