"""What lies in a backend, what lay there, and the one step between."""
