"""The command line: `python -m fmnist_core COMMAND`.

In: arguments. Out: a table or sentence for people, or one JSON value, and an exit code. A file a group of commands;
each calls the same functions as the pages do.
"""
