"""Serving a model on this machine: what memory it takes, the command line for it, running it."""
