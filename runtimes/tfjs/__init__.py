"""TensorFlow.js models, run in Node.js."""
