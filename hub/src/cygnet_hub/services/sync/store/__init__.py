"""Tables, statements and file contents."""
