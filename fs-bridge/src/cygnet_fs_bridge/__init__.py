"""The user side of Cygnet."""
