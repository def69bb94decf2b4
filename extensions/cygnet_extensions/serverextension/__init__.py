"""What the notebook server does for the front end: it holds the credential and asks the sync service."""
