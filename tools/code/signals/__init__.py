"""What speaks for a file or a definition: one module a kind of evidence, data in, scores out.

A signal gives scores of its own scale, none below zero; :mod:`tools.code.ranking` scales and weighs
them. What a signal does not name scores nothing.
"""
