"""How every page is laid out: its first line, its columns, before a class and on a phone."""
