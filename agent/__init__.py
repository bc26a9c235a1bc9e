"""Decides: state, graph, conversation, model, evidence, command line."""
