"""From frames to text: threshold, vote, debounce, deletion. One specification for the app, the service and the page."""
