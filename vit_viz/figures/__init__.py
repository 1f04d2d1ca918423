"""Figure builders: arrays in, and out come Plotly, Altair and Vega-Lite charts, HTML and Pillow pictures."""
