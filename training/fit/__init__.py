"""Two phases of training, checked, recorded and resumable."""
