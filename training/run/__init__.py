"""What a finished training writes into its run folder."""
