"""Widgets for notebooks: choose files in any store, move them, share them, and see what is in a ROOT file.

    from cygnet_extensions.widgets import FileChooser, RootPicture

    chooser = FileChooser("cygnet://", pattern="*.root")
    chooser

Addresses are those of fsspec: `cygnet://`, `s3://`, `root://`, `https://`, or a path on this machine.
"""

from __future__ import annotations

from .chooser import FileChooser
from .picture import RootPicture
from .sharing import ShareFile
from .transfers import DownloadFile, UploadFiles

__all__ = ["DownloadFile", "FileChooser", "RootPicture", "ShareFile", "UploadFiles"]
