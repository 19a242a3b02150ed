"""Options: fields that say their own default, range and sentence."""
