"""Models: one protocol, an OpenAI-compatible client, and classical repair without weights."""
