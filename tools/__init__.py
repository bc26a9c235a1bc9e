"""Does: reads, searches, edits and tests a repository in a sandbox. Knows no graph and no model."""
