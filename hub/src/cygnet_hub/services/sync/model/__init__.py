"""Plain values of the sync service: no input or output, no framework."""
