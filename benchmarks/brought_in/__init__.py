"""Models made outside of this project come in with their makers' accuracy: `make bench-brought-in`."""
