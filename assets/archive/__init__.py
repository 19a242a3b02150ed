"""One file with everything: bundles under chosen names, a model card, checksums."""
