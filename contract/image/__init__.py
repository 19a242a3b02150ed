"""Images: decoded, turned upright, resized; what pixels a model takes."""
