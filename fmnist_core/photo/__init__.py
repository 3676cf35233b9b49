"""Any photo or drawing to a 28x28 picture: bytes -> decode -> pipeline (or drawing) -> picture."""
