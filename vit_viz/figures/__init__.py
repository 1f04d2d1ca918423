"""Figure builders: arrays in; out come Altair charts, Vega-Lite specifications, HTML and Pillow pictures."""
