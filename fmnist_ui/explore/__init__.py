"""Panels of the page Explore: matrix, map and pictures of one run, three views of one choice."""
