"""What the products receive, and the pipelines that lead there."""
