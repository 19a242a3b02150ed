"""Backbones, the classifier on top, and its augmentation."""
