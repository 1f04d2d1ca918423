"""Numbers derived from a trace: numpy in, numpy out."""
