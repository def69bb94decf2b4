"""Clients write without a pause, and the service dies again and again: what it acknowledged is there."""
