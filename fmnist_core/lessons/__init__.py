"""Lessons: files that a teacher writes, what they ask, and the answers, which are computed from runs."""
