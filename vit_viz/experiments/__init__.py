"""What is run with torch beside a trace: projections, relevance, ablation, masking, shuffling."""
