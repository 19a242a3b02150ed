"""Labels, heads, class names, and orders of labels."""
