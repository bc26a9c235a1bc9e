"""What a model may call: one module an action, listed in :mod:`tools.actions.catalogue`."""
