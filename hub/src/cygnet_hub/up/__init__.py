"""The supervisor behind `cygnet up`."""
