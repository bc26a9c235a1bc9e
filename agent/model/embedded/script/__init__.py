"""JavaScript and TypeScript, by tree-sitter's trees, as a language of the search."""
