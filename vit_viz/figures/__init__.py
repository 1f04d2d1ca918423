"""Figure builders: arrays in, a plotly figure out."""
