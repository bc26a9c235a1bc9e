"""The names of all hostile cases, and why some of them are not run by ``tests/hostile``."""

FAMILIES = {
    "BOX": 10, "NET": 7, "RES": 12, "PROC": 10, "PATH": 8, "GIT": 12, "PATCH": 12, "INJ": 8,
    "SEC": 5, "LEAK": 4, "ORC": 26, "OUT": 7, "CI": 8, "STATE": 6, "DEP": 3, "LVL": 5, "REL": 10,
    "CON": 4, "MOD": 10,
}  # fmt: skip
"""How many cases each family has; they are numbered from 01."""

ALL = {
    f"{family}-{number:02}" for family, count in FAMILIES.items() for number in range(1, count + 1)
}

_MODEL = "a scripted server does it to the client in tests/agent/model (make test)"

NOT_HERE = {
    "NET-07": "there is no proxy: a box has no network, so there is nothing to get around",
    **{
        f"ORC-{number:02}": "the gate is asked in tests/agent/evidence (make test)"
        for number in range(1, 27)
    },
    **{
        f"CI-{number:02}": "belongs to the workflow for GitHub, not to what contains a run"
        for number in range(1, 9)
    },
    **{f"MOD-{number:02}": _MODEL for number in (2, 3, 8, 9, 10)},
    "REL-09": "belongs to the forge: tests/tools/forge (make test)",
    "OUT-07": "belongs to the workflow for GitHub, which alone writes GITHUB_OUTPUT",
}
