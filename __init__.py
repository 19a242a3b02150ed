"""modelport: from the training run to the places where the model is used, proved at every hand-off."""

__version__ = "0.1.0"
