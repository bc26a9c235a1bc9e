"""The names of all hostile cases, and why one of them is not run by ``make test-hostile``."""

FAMILIES = {
    "BOX": 10, "NET": 7, "RES": 12, "PROC": 10, "PATH": 8, "GIT": 12, "PATCH": 12, "INJ": 8,
    "SEC": 5, "LEAK": 4, "ORC": 26, "OUT": 7, "CI": 8, "STATE": 6, "DEP": 3, "LVL": 5, "REL": 10,
    "CON": 4, "MOD": 10,
}  # fmt: skip
"""How many cases each family has; they are numbered from 01."""

ALL = {
    f"{family}-{number:02}" for family, count in FAMILIES.items() for number in range(1, count + 1)
}

NOT_HERE = {
    "NET-07": "there is no proxy: a box has no network, so there is nothing to get around",
}
