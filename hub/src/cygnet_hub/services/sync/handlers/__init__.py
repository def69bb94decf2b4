"""The doors: HTTP in, service calls, HTTP out."""
