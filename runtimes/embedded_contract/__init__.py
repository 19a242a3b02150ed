"""The contract that an artifact carries inside, or that its own facts amount to."""
