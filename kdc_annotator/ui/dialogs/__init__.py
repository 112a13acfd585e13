"""Windows for what is not labeling: export, keys, training."""
