"""Tests: one folder a distribution, and those that cross them."""
