"""Folders of labelled images, and prepared data sets."""
