"""A small app around the attention explorer alone: odd grids and prefixes, large models, missing answers."""
