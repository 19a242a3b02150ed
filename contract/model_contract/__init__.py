"""contract.json: what a model promises, and where it came from."""
