"""The service's requests: uploads, limits, sessions, origins."""
