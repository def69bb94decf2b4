"""The replicas of a file as a Metalink (RFC 5854), by which `xrdcp` and others fail over by themselves."""

from __future__ import annotations

import zlib
from xml.etree import ElementTree

from .filesystem import FixedFileSystem

_SPACE = "urn:ietf:params:xml:ns:metalink"


async def metalink(fs: FixedFileSystem, path: str, checksum: bool = False) -> str:
    """Return a Metalink document for a file.

    Args:
        fs: the filesystem.
        path: the file.
        checksum: read the file and state its adler32.

    Raises:
        OSError: there is no such file.
    """
    info = await fs._info(path)
    root = ElementTree.Element("metalink", xmlns=_SPACE)
    file = ElementTree.SubElement(root, "file", name=path.rpartition("/")[2])
    ElementTree.SubElement(file, "size").text = str(info["size"])
    if checksum:
        ElementTree.SubElement(file, "hash", type="adler32").text = f"{await _adler32(fs, path):08x}"
    for priority, node in enumerate(fs.owners(path), 1):
        url = ElementTree.SubElement(file, "url", priority=str(priority))
        url.text = node.address(path)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


async def _adler32(fs: FixedFileSystem, path: str) -> int:
    total, at = 1, 0
    while part := await fs._cat_file(path, at, at + (8 << 20)):
        total, at = zlib.adler32(part, total), at + len(part)
    return total
