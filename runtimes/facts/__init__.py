"""What drivers and inspectors say about an artifact."""
