"""What pages compute for the reader, in turn on the device, and keep within bounds; one file per page."""
