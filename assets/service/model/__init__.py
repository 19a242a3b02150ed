"""The model that the service serves, with its promise and its labels."""
