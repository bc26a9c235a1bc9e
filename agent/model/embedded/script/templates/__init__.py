"""The ways in which people err in JavaScript, one family a module, all in ``table.py``."""
