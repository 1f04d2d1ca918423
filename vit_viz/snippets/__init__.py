"""The code shown at the end of each chapter: the shortest PyTorch that computes what the page shows.

Each snippet takes a timm module (and a picture or a layer) and is compared with the trace by a test.
"""
