"""WebDAV (RFC 4918) in the ownCloud and Nextcloud dialect."""
