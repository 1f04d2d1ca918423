"""Sentences for the reader, each computed from the data it speaks of; one file per page."""
