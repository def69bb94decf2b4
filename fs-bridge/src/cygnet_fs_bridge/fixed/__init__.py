"""`fixed://`: many stores as one, where the place of a file is computed from its path and kept nowhere."""
