"""The server that app.py starts, beside the script that each visitor runs: what it does once, and for every file."""
