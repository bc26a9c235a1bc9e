"""Judges: what the harness itself saw, and what follows from it."""
