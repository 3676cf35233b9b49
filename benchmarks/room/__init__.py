"""A class in a room: its people without windows, what they saw of each other and when, the measurement."""
