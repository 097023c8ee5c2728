"""The documents: catalogue, reading, structure and passages."""
