"""Links that open a notebook here: `/hub/open?...`."""
