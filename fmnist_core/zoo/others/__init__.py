"""Rows that stand for what is no network of the zoo."""
