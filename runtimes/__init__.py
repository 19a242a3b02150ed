"""Open any artifact: describe it, and run it in a process of its own."""
