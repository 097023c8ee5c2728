"""From a question to an answer that is proved by its sources."""
