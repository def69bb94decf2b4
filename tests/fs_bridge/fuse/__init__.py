"""The FUSE protocol: served to the real kernel, and word by word."""
