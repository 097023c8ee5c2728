"""How good the answers are, measured on questions that users would ask."""
