"""Speed and memory, as ratios measured side by side in one run, absolutes beside them: `make bench`."""
