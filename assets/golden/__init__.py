"""Golden vectors: images with the answers that a client must give."""
