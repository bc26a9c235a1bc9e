"""Source code as data: words, ranks, packs. Pure: texts in, texts out."""
