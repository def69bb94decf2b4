"""The subcommands that the hub adds to `cygnet`."""
