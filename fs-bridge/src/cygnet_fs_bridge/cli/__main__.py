"""`python -m cygnet_fs_bridge.cli`."""

from . import main

main(prog_name="cygnet")
