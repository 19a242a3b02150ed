"""A process of its own, with limits, and the frames that go to it and come back."""
