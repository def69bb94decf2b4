"""`root://`: files in XRootD for everything that speaks fsspec."""
