"""The rules of the sync service; every door calls these and nothing below them."""
