"""What an administrator does to everything that is stored: check, back up, restore, clear away."""
