"""The nodes of the machine, one a file.

Each takes the record and the kit and returns what it changes in the record. Each may be carried out
twice, when a run is resumed, so its effects are kept under journal keys.
"""
