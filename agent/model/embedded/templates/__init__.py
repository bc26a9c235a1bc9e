"""The ways in which people err, one family a module, all in the table of ``table.py``."""
