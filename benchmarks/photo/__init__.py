"""Photos and drawings: how many are called right, which are known to be strange, how fast a page answers."""
