"""Accounts: who may log in, and what an administrator does to them."""
