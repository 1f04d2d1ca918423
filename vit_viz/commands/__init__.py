"""What `python -m vit_viz` can do: one module per command."""
