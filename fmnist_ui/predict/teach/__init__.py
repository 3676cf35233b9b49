"""Teaching a run a new class: examples, what it costs, a place to try it, and keeping it."""
