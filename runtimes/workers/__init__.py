"""Worker processes that are kept warm, and what they are asked."""
