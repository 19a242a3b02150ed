"""Photos split into a data set, leak-free, with bad files set aside."""
