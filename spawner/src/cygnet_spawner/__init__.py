"""Spawners of Cygnet: options, mount plan, translators."""
