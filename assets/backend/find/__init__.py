"""What a backend's folder and code say about the model that it serves."""
