"""Async clients of the sync service: the JSON API, contents, the changes feed, WebDAV and OCS."""
