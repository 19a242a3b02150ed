"""One writer per format; file = format = function."""
