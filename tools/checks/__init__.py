"""Test frameworks: find a repository's test command, run it, read its result test by test."""
