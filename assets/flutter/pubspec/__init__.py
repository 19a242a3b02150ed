"""A Flutter app's pubspec.yaml: what a delivery adds to it."""
