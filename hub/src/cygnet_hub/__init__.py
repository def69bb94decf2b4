"""The hub of Cygnet and the services that run beside it."""
