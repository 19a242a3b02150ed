"""A room per format."""
