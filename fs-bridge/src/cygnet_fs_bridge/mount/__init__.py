"""`cygnet mount`: the person's tree as a folder, on FUSE."""
