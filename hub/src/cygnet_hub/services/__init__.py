"""Services that run beside the hub; they talk to one another over HTTP only."""
