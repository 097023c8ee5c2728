"""Finding passages: text, embeddings, the store and search."""
