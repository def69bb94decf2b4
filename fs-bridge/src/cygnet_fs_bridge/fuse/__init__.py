"""The kernel's FUSE protocol over /dev/fuse: mounting, messages, and handing them to operations."""
