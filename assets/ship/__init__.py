"""The whole way from photos to deliveries."""
