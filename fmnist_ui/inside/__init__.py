"""The page Inside: what a network makes of one picture, layer by layer."""
