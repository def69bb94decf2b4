"""What two copies of a notebook have in common, cell by cell."""
